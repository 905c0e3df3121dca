// Nodes by what a way meets, edges summed by their two ends, columns by the longest way that leads there.
#include "report/charts/way_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "model/scenario/wiring.hpp"
#include "report/forms/number_text.hpp"

namespace netlimits::report {
namespace {

constexpr std::size_t most_nodes = 24;
constexpr std::size_t most_workloads = 500;
constexpr std::size_t most_destinations = 500;  // of one workload

template <class Map>
const typename Map::mapped_type* found_in(const Map& map, const std::string& name) {
  const auto found = map.find(name);
  return found == map.end() ? nullptr : &found->second;
}

class WayDrawing {
 public:
  WayDrawing(const Scenario& scenario, const RunResult* result)
      : scenario_(scenario), wiring_(scenario), result_(result) {}

  WayPicture draw(const std::vector<PlacedLimit>& binding) {
    std::size_t left = most_workloads;
    for (const auto& [name, workload] : scenario_.workloads) {
      if (left-- == 0) {
        picture_.ways_left_out = true;
        break;
      }
      add_workload(name, workload);
    }
    for (const auto& [name, balancer] : scenario_.balancers) add_back_ends(name, balancer);
    finish_edges();
    set_columns();
    add_facts();
    for (const PlacedLimit& limit : binding) mark(limit.place);
    return std::move(picture_);
  }

 private:
  enum class Kind : std::uint8_t { host, gateway, balancer };
  using Key = std::pair<Kind, std::string>;

  struct Sum {
    std::vector<std::string> workloads{};
    std::uint64_t reached = 0;
    std::uint64_t asked = 0;
    bool counted = true;  // every workload has but this one way
  };

  // Nothing: there is no room for one more.
  std::optional<std::size_t> node(Kind kind, const std::string& name) {
    const auto known = positions_.find({kind, name});
    if (known != positions_.end()) return known->second;
    if (picture_.nodes.size() == most_nodes) {
      left_out_.insert({kind, name});
      return std::nullopt;
    }
    picture_.nodes.push_back({.name = name});
    positions_[{kind, name}] = picture_.nodes.size() - 1;
    keys_.push_back({kind, name});
    return picture_.nodes.size() - 1;
  }

  std::optional<std::size_t> node_of(const Target& target, const Workload& workload) {
    if (target.balancer != nullptr) return node(Kind::balancer, target.balancer->name);
    if (target.own) return node(Kind::host, workload.from_host);
    if (target.host != nullptr) return node(Kind::host, target.host->name);
    return std::nullopt;
  }

  void add_workload(const std::string& name, const Workload& workload) {
    const auto from = node(Kind::host, workload.from_host);
    if (!from) return;
    // By the gateway, if any, and where it leads.
    std::set<std::pair<std::optional<std::size_t>, std::size_t>> ways;
    for (std::size_t i = 0; i < workload.to.size() && i < most_destinations; ++i) {
      const Target target = wiring_.of(workload.from_host, workload.to[i]);
      const auto through = target.gateway != nullptr ? node(Kind::gateway, target.gateway->name) : std::nullopt;
      if (const auto to = node_of(target, workload)) ways.insert({through, *to});
    }
    picture_.ways_left_out = picture_.ways_left_out || workload.to.size() > most_destinations;
    for (const auto& [through, to] : ways) {
      if (through) add_way(*from, *through, name, workload, ways.size() == 1);
      add_way(through.value_or(*from), to, name, workload, ways.size() == 1);
    }
  }

  void add_way(std::size_t from, std::size_t to, const std::string& name, const Workload& workload, bool only) {
    Sum& sum = sums_[{from, to}];
    if (std::find(sum.workloads.begin(), sum.workloads.end(), name) != sum.workloads.end()) return;
    sum.workloads.push_back(name);
    sum.counted = sum.counted && only;
    const WorkloadResult* const ran = result_ != nullptr ? found_in(result_->workloads, name) : nullptr;
    sum.reached += ran != nullptr ? ran->established : workload.connections;
    sum.asked += ran != nullptr ? ran->attempted : workload.connections;
  }

  void add_back_ends(const std::string& name, const Balancer& balancer) {
    const auto known = positions_.find({Kind::balancer, name});
    if (known == positions_.end()) return;
    const std::vector<BackEndResult>* const counts = result_ != nullptr ? found_in(result_->balancers, name) : nullptr;
    std::map<std::size_t, std::uint64_t> given;
    for (std::size_t i = 0; i < balancer.back_ends.size(); ++i) {
      const Target target = wiring_.behind(balancer, balancer.back_ends[i]);
      if (target.host == nullptr) continue;
      const auto to = node(Kind::host, target.host->name);
      if (!to) continue;
      given[*to] += counts != nullptr && i < counts->size() ? (*counts)[i].connections : 0;
    }
    for (const auto& [to, count] : given) {
      picture_.edges.push_back({.from = known->second, .to = to, .count = count});
      if (result_ != nullptr) picture_.edges.back().figures = grouped(count);
    }
  }

  void finish_edges() {
    for (const auto& [ends, sum] : sums_) {
      WayEdge edge{.from = ends.first, .to = ends.second, .count = sum.reached};
      edge.name = sum.workloads.size() == 1 ? sum.workloads.front() : counted(sum.workloads.size(), "workloads");
      if (sum.counted)
        edge.figures =
            result_ != nullptr ? fmt::format("{} of {}", grouped(sum.reached), grouped(sum.asked)) : grouped(sum.asked);
      if (!sum.counted) edge.count = 0;
      picture_.edges.push_back(std::move(edge));
    }
    std::sort(picture_.edges.begin(), picture_.edges.end(),
              [](const WayEdge& a, const WayEdge& b) { return std::pair(a.from, a.to) < std::pair(b.from, b.to); });
    picture_.nodes_left_out = left_out_.size();
  }

  // As far right as the longest way there is; where ways lead round in a circle, as far as there are nodes.
  void set_columns() {
    for (std::size_t round = 0; round < picture_.nodes.size(); ++round) {
      bool moved = false;
      for (const WayEdge& edge : picture_.edges) {
        WayNode& to = picture_.nodes[edge.to];
        const std::size_t behind = picture_.nodes[edge.from].column + 1;
        if (edge.from == edge.to || to.column >= behind || leads_back(edge)) continue;
        to.column = behind;
        moved = true;
      }
      if (!moved) return;
    }
  }

  // Does a way lead from where the edge ends to where it begins?
  bool leads_back(const WayEdge& edge) const {
    std::set<std::size_t> reached{edge.to};
    for (bool grew = true; grew;) {
      grew = false;
      for (const WayEdge& next : picture_.edges) {
        if (reached.contains(next.from)) grew = reached.insert(next.to).second || grew;
      }
    }
    return reached.contains(edge.from);
  }

  void add_facts() {
    for (const auto& [key, position] : positions_) {
      std::vector<std::string>& facts = picture_.nodes[position].facts;
      if (key.first == Kind::gateway) facts.push_back("gateway");
      if (key.first == Kind::balancer) facts.push_back("balancer");
      if (key.first == Kind::host) add_host_facts(key.second, facts);
    }
  }

  void add_host_facts(const std::string& name, std::vector<std::string>& facts) const {
    const HostGroup& group = scenario_.hosts.at(name);
    if (group.count > 1) facts.push_back(counted(group.count, "hosts"));
    if (result_ == nullptr) return;
    const HostResult* const ran = found_in(result_->hosts, name);
    if (ran == nullptr) return;
    std::uint64_t accepted = 0;
    for (const auto& [process, counts] : ran->processes) accepted += counts.accepted;
    if (accepted > 0) facts.push_back(fmt::format("{} accepted", grouped(accepted)));
    if (ran->time_wait_peak > 0) facts.push_back(fmt::format("{} in TIME_WAIT", grouped(ran->time_wait_peak)));
  }

  void mark_node(Kind kind, std::string_view name) {
    const auto known = positions_.find({kind, std::string(name)});
    if (known != positions_.end()) picture_.nodes[known->second].binds = true;
  }

  // Of a host: all ways, or those to one destination.
  void mark_ways_from(const std::string& host, const Endpoint* destination) {
    const auto known = positions_.find({Kind::host, host});
    if (known == positions_.end()) return;
    const Target target = destination != nullptr ? wiring_.of(host, *destination) : Target{};
    const std::string* const gateway = target.gateway != nullptr ? &target.gateway->name : nullptr;
    const std::string* const balancer = target.balancer != nullptr ? &target.balancer->name : nullptr;
    for (WayEdge& edge : picture_.edges) {
      if (edge.from != known->second) continue;
      const Key& to = keys_[edge.to];
      const bool there = destination == nullptr ||
                         (to.first == Kind::gateway && gateway != nullptr && to.second == *gateway) ||
                         (to.first == Kind::balancer && balancer != nullptr && to.second == *balancer) ||
                         (to.first == Kind::host && target.host != nullptr && to.second == target.host->name);
      edge.binds = edge.binds || there;
    }
  }

  void mark(const Place& place) {
    if (const auto* gateway = std::get_if<GatewayPlace>(&place.what))
      return mark_node(Kind::gateway, gateway->gateway.view());
    if (const auto* balancer = std::get_if<BalancerPlace>(&place.what))
      return mark_node(Kind::balancer, balancer->balancer.view());
    if (const auto* back_end = std::get_if<BackEndPlace>(&place.what))
      return mark_node(Kind::balancer, back_end->balancer.view());
    const HostPlace* const host = place.host();
    if (host == nullptr) return;
    if (const auto* outbound = std::get_if<OutboundPlace>(&place.what))
      return mark_ways_from(std::string(host->name.view()), std::get_if<Endpoint>(&outbound->destination));
    mark_node(Kind::host, host->name.view());
  }

  const Scenario& scenario_;
  const Wiring wiring_;
  const RunResult* result_;
  WayPicture picture_{};
  std::vector<Key> keys_{};  // of each node
  std::map<Key, std::size_t> positions_{};
  std::set<Key> left_out_{};
  std::map<std::pair<std::size_t, std::size_t>, Sum> sums_{};
};

}  // namespace

WayPicture way_picture(const Scenario& scenario, const RunResult* result, const std::vector<PlacedLimit>& binding) {
  return WayDrawing(scenario, result).draw(binding);
}

}  // namespace netlimits::report
