// Shortest ways over the paths of a scenario, and who has an address.
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

struct Ways {
  std::vector<std::optional<Duration>> distances{};
  std::vector<std::uint32_t> before{};
};

Ways ways_from(const Graph& graph, std::size_t start) {
  std::vector<std::int64_t> distances(boost::num_vertices(graph), unreachable);
  Ways found;
  found.before.resize(distances.size());
  const auto index = boost::get(boost::vertex_index, graph);
  boost::dijkstra_shortest_paths(graph, start,
                                 boost::distance_map(boost::make_iterator_property_map(distances.begin(), index))
                                     .predecessor_map(boost::make_iterator_property_map(found.before.begin(), index))
                                     .distance_combine(AddSaturated{})
                                     .distance_inf(unreachable));
  found.distances.resize(distances.size());
  for (std::size_t i = 0; i < distances.size(); ++i) {
    if (distances[i] != unreachable) found.distances[i] = Duration(distances[i]);
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
    const std::size_t vertex = names_.size();
    vertices_.emplace(name, vertex);
    names_.push_back(name);
    for (const AddressBlock& block : group.addresses) {
      const IpAddress first = block.address.unmapped();
      if (group.count == 1) {
        single_.emplace(first, vertex);
      } else {
        add_run({first, std::max<std::uint64_t>(1, group.address_stride), group.count, vertex});
      }
    }
  }
  for (const auto& [name, balancer] : scenario.balancers) {
    vertices_.emplace(name, names_.size());
    names_.push_back(name);
  }

  if (scenario.paths.empty()) return;
  Graph graph(names_.size());
  std::vector<std::optional<Duration>> to_itself(names_.size());
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
  distances_.reserve(names_.size());
  for (std::size_t vertex = 0; vertex < names_.size(); ++vertex) {
    Ways ways = ways_from(graph, vertex);
    if (to_itself[vertex]) ways.distances[vertex] = to_itself[vertex];
    distances_.push_back(std::move(ways.distances));
    before_.push_back(std::move(ways.before));
  }
}

std::optional<Duration> Topology::round_trip(std::string_view from, std::string_view to) const {
  const auto a = vertices_.find(from);
  const auto b = vertices_.find(to);
  if (a == vertices_.end() || b == vertices_.end()) return std::nullopt;
  if (distances_.empty()) return Duration::zero();
  return distances_[a->second][b->second];
}

std::optional<Topology::Way> Topology::way(std::string_view from, std::string_view to) const {
  const auto whole = round_trip(from, to);
  if (!whole) return std::nullopt;
  const std::size_t start = vertices_.find(from)->second;
  const std::size_t end = vertices_.find(to)->second;
  Way found{.nodes = {end}, .round_trips = {}, .round_trip = *whole};
  while (found.nodes.back() != start) {
    const std::size_t here = found.nodes.back();
    const std::size_t before = before_.empty() ? start : before_[start][here];
    const Duration until = distances_.empty() || before == start ? Duration::zero() : *distances_[start][before];
    found.round_trips.push_back((distances_.empty() ? Duration::zero() : *distances_[start][here]) - until);
    found.nodes.push_back(before);
  }
  std::reverse(found.nodes.begin(), found.nodes.end());
  std::reverse(found.round_trips.begin(), found.round_trips.end());
  return found;
}

// Neighbouring addresses of each host become one run: a lookup costs as many steps as there are runs.
void Topology::add_run(const AddressRun& run) {
  if (!runs_.empty()) {
    AddressRun& last = runs_.back();
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
  for (const AddressRun& run : runs_) {
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
  return Owner{names_[site->group], site->instance};
}

}  // namespace netlimits
