// The flow by Boykov and Kolmogorov's algorithm; the cut by a search from the source over edges with room left.
#include "analysis/flow_network.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/boykov_kolmogorov_max_flow.hpp>
#include <utility>

namespace netlimits::analysis {
namespace {

using Traits = boost::adjacency_list_traits<boost::vecS, boost::vecS, boost::bidirectionalS>;

struct ArcProperty {
  std::int64_t capacity = 0;
  std::int64_t residual = 0;
  Traits::edge_descriptor reverse{};
};

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS, boost::no_property, ArcProperty>;

// Everything that can still be reached from there once the flow is at its maximum.
void spread(const Graph& graph, std::size_t from, std::vector<bool>& reached) {
  if (reached[from]) return;
  std::vector<std::size_t> waiting{from};
  reached[from] = true;
  while (!waiting.empty()) {
    const std::size_t node = waiting.back();
    waiting.pop_back();
    for (auto [edge, end] = boost::out_edges(node, graph); edge != end; ++edge) {
      const std::size_t next = boost::target(*edge, graph);
      if (graph[*edge].residual == 0 || reached[next]) continue;
      reached[next] = true;
      waiting.push_back(next);
    }
  }
}

// What still reaches the sink: the sink's side of the cut nearest to it.
std::vector<bool> reaching_sink(const Graph& graph) {
  std::vector<bool> reaching(boost::num_vertices(graph), false);
  std::vector<std::size_t> waiting{FlowNetwork::sink};
  reaching[FlowNetwork::sink] = true;
  while (!waiting.empty()) {
    const std::size_t node = waiting.back();
    waiting.pop_back();
    for (auto [edge, end] = boost::out_edges(node, graph); edge != end; ++edge) {
      const std::size_t before = boost::target(*edge, graph);
      if (graph[graph[*edge].reverse].residual == 0 || reaching[before]) continue;
      reaching[before] = true;
      waiting.push_back(before);
    }
  }
  return reaching;
}

}  // namespace

FlowNetwork::Edge FlowNetwork::add_edge(Node from, Node to, std::uint64_t capacity) {
  arcs_.push_back({from, to, std::min(capacity, unlimited)});
  return arcs_.size() - 1;
}

FlowNetwork::Solution FlowNetwork::solve(const std::set<Edge>& unbounded) const {
  Graph graph(nodes_);
  std::vector<Traits::edge_descriptor> edges;
  edges.reserve(arcs_.size());
  for (const Arc& arc : arcs_) {
    const auto forward = boost::add_edge(arc.from, arc.to, graph).first;
    const auto backward = boost::add_edge(arc.to, arc.from, graph).first;
    graph[forward].capacity = static_cast<std::int64_t>(arc.capacity);
    graph[forward].reverse = backward;
    graph[backward].reverse = forward;
    edges.push_back(forward);
  }
  std::vector<boost::default_color_type> colours(nodes_);
  std::vector<std::int64_t> distances(nodes_);
  std::vector<Traits::edge_descriptor> predecessors(nodes_);
  const auto index = boost::get(boost::vertex_index, graph);
  const std::int64_t flow = boost::boykov_kolmogorov_max_flow(
      graph, boost::get(&ArcProperty::capacity, graph), boost::get(&ArcProperty::residual, graph),
      boost::get(&ArcProperty::reverse, graph), boost::make_iterator_property_map(predecessors.begin(), index),
      boost::make_iterator_property_map(colours.begin(), index),
      boost::make_iterator_property_map(distances.begin(), index), index, source, sink);

  Solution solution;
  solution.flow = static_cast<std::uint64_t>(flow);
  std::vector<bool> reached(nodes_, false);
  spread(graph, source, reached);
  // One step beyond an edge of the cut may uncover another one.
  for (bool further = true; further;) {
    further = false;
    for (const Edge edge : unbounded) {
      if (!reached[arcs_[edge].from] || reached[arcs_[edge].to]) continue;
      std::vector<bool> with = reached;
      spread(graph, arcs_[edge].to, with);
      if (with[sink]) continue;
      reached = std::move(with);
      further = true;
    }
  }
  const std::vector<bool> reaching = reaching_sink(graph);
  for (std::size_t i = 0; i < arcs_.size(); ++i) {
    solution.through.push_back(arcs_[i].capacity - static_cast<std::uint64_t>(graph[edges[i]].residual));
    if (reached[arcs_[i].from] && !reached[arcs_[i].to]) solution.cut.push_back(i);
    if (!reaching[arcs_[i].from] && reaching[arcs_[i].to]) solution.cut_near_sink.push_back(i);
  }
  return solution;
}

}  // namespace netlimits::analysis
