// The flow by Boykov and Kolmogorov's algorithm; the cut by a search from the source over edges with room left.
#include "analysis/flow_network.hpp"

#include <algorithm>
#include <boost/graph/boykov_kolmogorov_max_flow.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <utility>

namespace netlimits::analysis {
namespace {

using Graph = boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, boost::no_property,
                                                 boost::no_property, std::size_t, std::size_t>;
using Descriptor = boost::graph_traits<Graph>::edge_descriptor;

// Each arc and its reverse, in the order of their sources, and of those of one source as they were added.
struct Residual {
  std::vector<std::pair<std::size_t, std::size_t>> ends{};
  std::vector<std::int64_t> capacity{};
  std::vector<std::int64_t> left{};
  std::vector<std::size_t> reverse{};
  std::vector<std::size_t> first_of{};  // by node, and one more
  std::vector<std::size_t> forward{};   // by arc: where it is
};

template <class Arcs>
Residual residual_of(std::size_t nodes, const Arcs& arcs) {
  Residual made;
  made.first_of.resize(nodes + 1);
  for (const auto& arc : arcs) {
    ++made.first_of[arc.from + 1];
    ++made.first_of[arc.to + 1];
  }
  for (std::size_t node = 0; node < nodes; ++node) made.first_of[node + 1] += made.first_of[node];
  std::vector<std::size_t> next(made.first_of.begin(), made.first_of.end() - 1);
  const std::size_t edges = made.first_of.back();
  made.ends.resize(edges);
  made.capacity.resize(edges);
  made.left.resize(edges);
  made.reverse.resize(edges);
  made.forward.reserve(arcs.size());
  for (const auto& arc : arcs) {
    const std::size_t there = next[arc.from]++;
    const std::size_t back = next[arc.to]++;
    made.ends[there] = {arc.from, arc.to};
    made.ends[back] = {arc.to, arc.from};
    made.capacity[there] = static_cast<std::int64_t>(arc.capacity);
    made.reverse[there] = back;
    made.reverse[back] = there;
    made.forward.push_back(there);
  }
  return made;
}

// Everything that `passes` leads to from there.
template <class Passes>
void spread(const Residual& residual, std::size_t from, std::vector<bool>& reached, const Passes& passes) {
  if (reached[from]) return;
  std::vector<std::size_t> waiting{from};
  reached[from] = true;
  while (!waiting.empty()) {
    const std::size_t node = waiting.back();
    waiting.pop_back();
    for (std::size_t edge = residual.first_of[node]; edge < residual.first_of[node + 1]; ++edge) {
      const std::size_t next = residual.ends[edge].second;
      if (!passes(edge) || reached[next]) continue;
      reached[next] = true;
      waiting.push_back(next);
    }
  }
}

// What still reaches the sink: the sink's side of the cut nearest to it.
std::vector<bool> reaching_sink(const Residual& residual) {
  std::vector<bool> reaching(residual.first_of.size() - 1, false);
  std::vector<std::size_t> waiting{FlowNetwork::sink};
  reaching[FlowNetwork::sink] = true;
  while (!waiting.empty()) {
    const std::size_t node = waiting.back();
    waiting.pop_back();
    for (std::size_t edge = residual.first_of[node]; edge < residual.first_of[node + 1]; ++edge) {
      const std::size_t before = residual.ends[edge].second;
      if (residual.left[residual.reverse[edge]] == 0 || reaching[before]) continue;
      reaching[before] = true;
      waiting.push_back(before);
    }
  }
  return reaching;
}

// As much as can flow, and what is left then.
std::uint64_t send(Residual& residual, std::size_t nodes) {
  const Graph graph(boost::edges_are_sorted, residual.ends.begin(), residual.ends.end(), nodes);
  std::vector<Descriptor> reverse;
  reverse.reserve(residual.ends.size());
  for (const std::size_t back : residual.reverse) reverse.emplace_back(residual.ends[back].first, back);
  std::vector<boost::default_color_type> colours(nodes);
  std::vector<std::int64_t> distances(nodes);
  std::vector<Descriptor> predecessors(nodes);
  const auto by_edge = boost::get(boost::edge_index, graph);
  const auto by_node = boost::get(boost::vertex_index, graph);
  return static_cast<std::uint64_t>(boost::boykov_kolmogorov_max_flow(
      graph, boost::make_iterator_property_map(residual.capacity.begin(), by_edge),
      boost::make_iterator_property_map(residual.left.begin(), by_edge),
      boost::make_iterator_property_map(reverse.begin(), by_edge),
      boost::make_iterator_property_map(predecessors.begin(), by_node),
      boost::make_iterator_property_map(colours.begin(), by_node),
      boost::make_iterator_property_map(distances.begin(), by_node), by_node, FlowNetwork::source, FlowNetwork::sink));
}

}  // namespace

FlowNetwork::Edge FlowNetwork::add_edge(Node from, Node to, std::uint64_t capacity) {
  arcs_.push_back({from, to, std::min(capacity, unlimited)});
  return arcs_.size() - 1;
}

std::uint64_t FlowNetwork::flow() const {
  Residual residual = residual_of(nodes_, arcs_);
  return send(residual, nodes_);
}

FlowNetwork::Solution FlowNetwork::solve(const std::set<Edge>& unbounded) const {
  Residual residual = residual_of(nodes_, arcs_);
  Solution solution;
  solution.flow = send(residual, nodes_);
  std::vector<bool> reached(nodes_, false);
  const auto has_room = [&](std::size_t edge) { return residual.left[edge] > 0; };
  spread(residual, source, reached, has_room);
  const std::vector<bool> reaching = reaching_sink(residual);
  // One step beyond an edge of the cut may uncover another one. What reaches the sink does so past all that is reached,
  // from where no way leads there.
  for (bool further = true; further;) {
    further = false;
    for (const Edge edge : unbounded) {
      const Arc& arc = arcs_[edge];
      if (!reached[arc.from] || reached[arc.to] || reaching[arc.to]) continue;
      spread(residual, arc.to, reached, has_room);
      further = true;
    }
  }
  std::vector<bool> behind(nodes_, false);
  const auto leads_on = [&](std::size_t edge) { return residual.capacity[edge] > 0 || residual.left[edge] > 0; };
  for (const Edge edge : unbounded)
    if (reached[arcs_[edge].from] && !reached[arcs_[edge].to]) spread(residual, arcs_[edge].to, behind, leads_on);
  for (std::size_t i = 0; i < arcs_.size(); ++i) {
    solution.through.push_back(arcs_[i].capacity - static_cast<std::uint64_t>(residual.left[residual.forward[i]]));
    if (reached[arcs_[i].from] && !reached[arcs_[i].to]) solution.cut.push_back(i);
    if (!reaching[arcs_[i].from] && reaching[arcs_[i].to] && behind[arcs_[i].from])
      solution.behind_unbounded.push_back(i);
  }
  return solution;
}

}  // namespace netlimits::analysis
