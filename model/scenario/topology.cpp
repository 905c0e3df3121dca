// Shortest ways over the paths of a scenario, and who has an address.
#include "model/scenario/topology.hpp"

#include <algorithm>
#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/dijkstra_shortest_paths.hpp>
#include <limits>
#include <utility>

namespace netlimits {
namespace {

constexpr std::int64_t unreachable = std::numeric_limits<std::int64_t>::max();

// Adding two round trips must not wrap round to a short one.
std::int64_t saturated_sum(std::int64_t a, std::int64_t b) { return a > unreachable - b ? unreachable : a + b; }

struct AddSaturated {
  std::int64_t operator()(std::int64_t a, std::int64_t b) const { return saturated_sum(a, b); }
};

// How far `address` lies behind `first`, when that fits 64 bits.
std::optional<std::uint64_t> steps_between(const IpAddress& first, const IpAddress& address) {
  if (first.family() != address.family() || address < first) return std::nullopt;
  const std::uint64_t low = address.low() - first.low();
  const std::uint64_t high = address.high() - first.high() - (address.low() < first.low() ? 1U : 0U);
  if (high != 0) return std::nullopt;
  return low;
}

auto order_of(const IpAddress& address) { return std::pair(address.family(), address); }

}  // namespace

struct Topology::Inner {
  using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS, boost::no_property,
                                      boost::property<boost::edge_weight_t, std::int64_t>>;
  explicit Inner(std::size_t places) : graph(places) {}
  Graph graph;
};

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
  for (const auto& [name, gateway] : scenario.gateways) {
    vertices_.emplace(name, names_.size());
    names_.push_back(name);
  }

  sort_runs();

  if (scenario.paths.empty()) return;
  ends_.resize(names_.size());
  std::vector<Road> roads;
  for (const Path& path : scenario.paths) {
    const auto a = vertices_.find(path.a);
    const auto b = vertices_.find(path.b);
    if (a == vertices_.end() || b == vertices_.end()) continue;
    if (a->second == b->second) {
      std::optional<Duration>& own = ends_[a->second].to_itself;
      if (!own || path.round_trip < *own) own = path.round_trip;
    } else {
      roads.push_back({a->second, b->second, path.round_trip.count()});
    }
  }
  find_ends(roads);
  auto inner = std::make_shared<Inner>(inner_count_);
  for (const Road& road : roads) {
    const End& a = ends_[road.a];
    const End& b = ends_[road.b];
    if (!a.door && !b.door) boost::add_edge(a.inner, b.inner, road.length, inner->graph);
  }
  inner_ = std::move(inner);
}

// A place with one road alone is behind the place at the other end of it: whoever goes there passes that. So a
// thousand clients around a router need one search, and not a thousand.
void Topology::find_ends(const std::vector<Road>& roads) {
  std::vector<std::size_t> roads_at(names_.size());
  for (const Road& road : roads) {
    ++roads_at[road.a];
    ++roads_at[road.b];
  }
  for (const Road& road : roads) {
    const bool a_has_one = roads_at[road.a] == 1;
    const bool b_has_one = roads_at[road.b] == 1;
    // Of two places that have each other alone, the one with the higher number is behind.
    if (a_has_one && (!b_has_one || road.a > road.b)) ends_[road.a] = {ends_[road.a].to_itself, road.b, road.length};
    if (b_has_one && (!a_has_one || road.b > road.a)) ends_[road.b] = {ends_[road.b].to_itself, road.a, road.length};
  }
  for (std::size_t vertex = 0; vertex < ends_.size(); ++vertex) {
    if (ends_[vertex].door) continue;
    ends_[vertex].inner = inner_count_++;
    inner_vertices_.push_back(vertex);
  }
}

const Topology::Ways& Topology::ways_from(std::size_t start) const {
  if (const auto known = ways_.find(start); known != ways_.end()) return known->second;
  const std::size_t most_kept = std::max<std::size_t>(1, most_distances_kept / std::max<std::size_t>(1, inner_count_));
  if (ways_.size() >= most_kept) ways_.clear();
  Ways found{std::vector<std::int64_t>(inner_count_, unreachable), std::vector<std::uint32_t>(inner_count_)};
  const auto index = boost::get(boost::vertex_index, inner_->graph);
  boost::dijkstra_shortest_paths(inner_->graph, start,
                                 boost::distance_map(boost::make_iterator_property_map(found.distances.begin(), index))
                                     .predecessor_map(boost::make_iterator_property_map(found.before.begin(), index))
                                     .distance_combine(AddSaturated{})
                                     .distance_inf(unreachable));
  return ways_.emplace(start, std::move(found)).first->second;
}

std::int64_t Topology::distance(std::size_t from, std::size_t to) const {
  const End& start = ends_[from];
  const End& end = ends_[to];
  const std::size_t first = start.door.value_or(from);
  const std::size_t last = end.door.value_or(to);
  const std::int64_t between = first == last ? 0 : ways_from(ends_[first].inner).distances[ends_[last].inner];
  return saturated_sum(saturated_sum(start.door ? start.length : 0, between), end.door ? end.length : 0);
}

std::optional<Duration> Topology::round_trip(std::string_view from, std::string_view to) const {
  const auto a = vertices_.find(from);
  const auto b = vertices_.find(to);
  if (a == vertices_.end() || b == vertices_.end()) return std::nullopt;
  return round_trip_between(a->second, b->second);
}

std::optional<Duration> Topology::round_trip_between(std::size_t from, std::size_t to) const {
  if (inner_ == nullptr) return Duration::zero();
  if (from == to) return ends_[from].to_itself.value_or(Duration::zero());
  const std::int64_t found = distance(from, to);
  return found == unreachable ? std::nullopt : std::optional(Duration(found));
}

std::optional<Topology::Way> Topology::way(std::string_view from, std::string_view to) const {
  const auto whole = round_trip(from, to);
  if (!whole) return std::nullopt;
  const std::size_t start = vertices_.find(from)->second;
  const std::size_t end = vertices_.find(to)->second;
  Way found{.nodes = {end}, .round_trips = {}, .round_trip = *whole};
  if (start == end) return found;
  if (inner_ == nullptr) {
    found.nodes = {start, end};
    found.round_trips = {Duration::zero()};
    return found;
  }
  // Backwards: from the end to its door, to the door of the start, to the start.
  const auto step = [&](std::size_t node, std::int64_t length) {
    found.nodes.push_back(node);
    found.round_trips.emplace_back(length);
  };
  if (ends_[end].door) step(*ends_[end].door, ends_[end].length);
  if (found.nodes.back() != start) {
    const std::size_t first = ends_[ends_[start].door.value_or(start)].inner;
    std::size_t here = ends_[found.nodes.back()].inner;
    while (here != first) {
      const Ways& ways = ways_from(first);
      const std::size_t before = ways.before[here];
      step(inner_vertices_[before], ways.distances[here] - ways.distances[before]);
      here = before;
    }
    if (ends_[start].door) step(start, ends_[start].length);
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

// By their first addresses; what reaches furthest of each one and those before it says how far back a look-up goes.
void Topology::sort_runs() {
  std::stable_sort(runs_.begin(), runs_.end(),
                   [](const AddressRun& a, const AddressRun& b) { return order_of(a.first) < order_of(b.first); });
  for (const AddressRun& run : runs_) {
    const IpAddress last = run.first.plus((run.count - 1) * run.stride + run.width - 1);
    const bool further = furthest_.empty() || order_of(furthest_.back()) < order_of(last);
    furthest_.push_back(further ? last : furthest_.back());
  }
}

std::optional<Topology::Site> Topology::site_of(const IpAddress& address) const {
  const IpAddress plain = address.unmapped();
  std::optional<Site> owner;
  if (const auto found = single_.find(plain); found != single_.end()) owner = Site{found->second, 0};
  const auto behind = std::upper_bound(
      runs_.begin(), runs_.end(), plain,
      [](const IpAddress& wanted, const AddressRun& run) { return order_of(wanted) < order_of(run.first); });
  for (auto at = static_cast<std::size_t>(behind - runs_.begin()); at > 0; --at) {
    if (order_of(furthest_[at - 1]) < order_of(plain)) break;
    const AddressRun& run = runs_[at - 1];
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
