#include "model/scenario/topology.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <limits>

namespace netlimits {
namespace {

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS, boost::no_property,
                                    boost::property<boost::edge_weight_t, std::int64_t>>;

constexpr std::int64_t unreachable = std::numeric_limits<std::int64_t>::max();

// Adding two round trips must not wrap round to a short one.
struct AddSaturated {
  std::int64_t operator()(std::int64_t a, std::int64_t b) const { return a > unreachable - b ? unreachable : a + b; }
};

std::vector<std::optional<Duration>> distances_from(const Graph& graph, std::size_t start) {
  std::vector<std::int64_t> distances(boost::num_vertices(graph), unreachable);
  boost::dijkstra_shortest_paths(
      graph, start,
      boost::distance_map(boost::make_iterator_property_map(distances.begin(), boost::get(boost::vertex_index, graph)))
          .distance_combine(AddSaturated{})
          .distance_inf(unreachable));
  std::vector<std::optional<Duration>> found(distances.size());
  for (std::size_t i = 0; i < distances.size(); ++i) {
    if (distances[i] != unreachable) found[i] = Duration(distances[i]);
  }
  return found;
}

// How far `address` lies behind `first`, when that fits 64 bits.
std::optional<std::uint64_t> steps_between(const IpAddress& first, const IpAddress& address) {
  if (first.family() != address.family() || address < first) return std::nullopt;
  const std::uint64_t low = address.low() - first.low();
  const std::uint64_t high = address.high() - first.high() - (address.low() < first.low() ? 1U : 0U);
  if (high != 0) return std::nullopt;
  return low;
}

}  // namespace

Topology::Topology(const Scenario& scenario) {
  for (const auto& [name, group] : scenario.hosts) {
    const std::size_t vertex = groups_.size();
    vertices_.emplace(name, vertex);
    groups_.push_back(name);
    for (const AddressBlock& block : group.addresses) {
      const IpAddress first = block.address.unmapped();
      if (group.count == 1) {
        single_.emplace(first, vertex);
      } else {
        add_run({first, std::max<std::uint64_t>(1, group.address_stride), group.count, vertex});
      }
    }
  }
  for (const auto& [name, balancer] : scenario.balancers) vertices_.emplace(name, vertices_.size());

  if (scenario.paths.empty()) return;
  Graph graph(vertices_.size());
  std::vector<std::optional<Duration>> to_itself(vertices_.size());
  for (const Path& path : scenario.paths) {
    const auto a = vertices_.find(path.a);
    const auto b = vertices_.find(path.b);
    if (a == vertices_.end() || b == vertices_.end()) continue;
    if (a->second == b->second) {
      std::optional<Duration>& own = to_itself[a->second];
      if (!own || path.round_trip < *own) own = path.round_trip;
    } else {
      boost::add_edge(a->second, b->second, path.round_trip.count(), graph);
    }
  }
  distances_.reserve(vertices_.size());
  for (std::size_t vertex = 0; vertex < vertices_.size(); ++vertex) {
    distances_.push_back(distances_from(graph, vertex));
    if (to_itself[vertex]) distances_[vertex][vertex] = to_itself[vertex];
  }
}

std::optional<Duration> Topology::round_trip(std::string_view from, std::string_view to) const {
  const auto a = vertices_.find(from);
  const auto b = vertices_.find(to);
  if (a == vertices_.end() || b == vertices_.end()) return std::nullopt;
  if (distances_.empty()) return Duration::zero();
  return distances_[a->second][b->second];
}

// Neighbouring addresses of each host become one run: a lookup costs as many steps as there are runs.
void Topology::add_run(const Run& run) {
  if (!runs_.empty()) {
    Run& last = runs_.back();
    const bool goes_on = last.group == run.group && last.width < last.stride &&
                         steps_between(last.first, run.first) == std::optional(last.width);
    if (goes_on) {
      ++last.width;
      return;
    }
  }
  runs_.push_back(run);
}

std::optional<Topology::Site> Topology::site_of(const IpAddress& address) const {
  const IpAddress plain = address.unmapped();
  std::optional<Site> owner;
  if (const auto found = single_.find(plain); found != single_.end()) owner = Site{found->second, 0};
  for (const Run& run : runs_) {
    const auto steps = steps_between(run.first, plain);
    if (!steps || *steps / run.stride >= run.count || *steps % run.stride >= run.width) continue;
    const Site found{run.group, *steps / run.stride};
    if (!owner || found.group < owner->group) owner = found;
  }
  return owner;
}

std::optional<Topology::Owner> Topology::owner_of(const IpAddress& address) const {
  const auto site = site_of(address);
  if (!site) return std::nullopt;
  return Owner{groups_[site->group], site->instance};
}

}  // namespace netlimits
