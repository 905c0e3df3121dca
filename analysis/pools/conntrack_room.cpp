// Who goes through which table, worked out once.
#include "analysis/pools/conntrack_room.hpp"

#include <algorithm>
#include <tuple>

#include "analysis/labelled_network.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/places.hpp"

namespace netlimits::analysis {
namespace {

using OneQueue = std::tuple<const HostGroup*, std::uint64_t, std::size_t, std::size_t>;

// The one queue that a target leads to. Nothing: it has several, or leads elsewhere.
std::optional<OneQueue> end_of(const Target& target) {
  if (target.reach == Reach::held_listener && !target.own)
    return OneQueue{target.host, target.instance, ~std::size_t{0}, target.port.value};
  if (target.reach != Reach::listener || target.own) return std::nullopt;
  const Process& process = target.host->processes[target.process];
  if (process.listeners[target.listener].reuse_port && process.count > 1) return std::nullopt;
  return OneQueue{target.host, target.instance, target.process, target.listener};
}

// What is met in the end by connections of a workload.
std::vector<Target> ends_of(const Wiring& wiring, const Workload& workload) {
  std::vector<Target> ends;
  for (const Endpoint& to : workload.to) {
    const Target target = wiring.of(workload.from_host, to);
    if (target.reach != Reach::balancer) {
      ends.push_back(target);
      continue;
    }
    for (const Endpoint& back_end : target.balancer->back_ends)
      ends.push_back(wiring.behind(*target.balancer, back_end));
  }
  return ends;
}

struct QueuesBehind {
  std::set<OneQueue> known{};
  bool open = false;  // some are not one queue

  void add(const Target& target) {
    const auto end = end_of(target);
    open = open || !end;
    if (end) known.insert(*end);
  }
  bool is_one() const { return !open && known.size() == 1; }
};

bool goes_through(const TrackedPlace& place, const Wiring& wiring, const Workload& workload) {
  return place.gateway != nullptr ? wiring.gateway_of(workload.from_host) == place.gateway
                                  : workload.from_host == place.host->name;
}

void note_who_comes(TrackedPlace& place, const Scenario& scenario, const Wiring& wiring) {
  QueuesBehind ends;
  for (const auto& [name, workload] : scenario.workloads) {
    if (goes_through(place, wiring, workload)) {
      place.workloads[name] = {1, 1};
      for (const Target& target : ends_of(wiring, workload)) ends.add(target);
      continue;
    }
    if (place.host == nullptr) continue;
    bool comes = false;
    for (const Target& target : ends_of(wiring, workload)) {
      if (target.host != place.host) continue;
      comes = true;
      ends.add(target);
    }
    if (!comes) continue;
    const WaysThere ways = ways_ending_at(wiring, workload, host_place(*place.host));
    place.workloads[name] = ways.there == 0 ? WaysThere{1, 1} : ways;
  }
  place.one_end = ends.is_one();
}

}  // namespace

Interval TrackedPlace::entries(bool begin_there) const {
  const Interval all = times(Interval::exactly(table.room()), tables());
  return {begin_there ? all.min : table.room(), all.max};
}

TrackedPlaces::TrackedPlaces(const Scenario& scenario, const Wiring& wiring) {
  for (const auto& [name, host] : scenario.hosts) {
    if (!host.conntrack) continue;
    of_host_.emplace(&host, places_.size());
    places_.push_back({.limit = conntrack_limit(host), .host = &host, .table = *host.conntrack});
  }
  for (const auto& [name, gateway] : scenario.gateways) {
    if (!gateway.conntrack) continue;
    of_gateway_.emplace(&gateway, places_.size());
    for (const std::string& behind : gateway.hosts) before_.emplace(&scenario.hosts.at(behind), places_.size());
    places_.push_back({.limit = conntrack_limit(gateway), .gateway = &gateway, .table = *gateway.conntrack});
  }
  for (TrackedPlace& place : places_) note_who_comes(place, scenario, wiring);
}

const TrackedPlace* TrackedPlaces::at(const HostGroup& host) const {
  const auto found = of_host_.find(&host);
  return found == of_host_.end() ? nullptr : &places_[found->second];
}

const TrackedPlace* TrackedPlaces::at(const Gateway& gateway) const {
  const auto found = of_gateway_.find(&gateway);
  return found == of_gateway_.end() ? nullptr : &places_[found->second];
}

const TrackedPlace* TrackedPlaces::before(const HostGroup& host) const {
  const auto found = before_.find(&host);
  return found == before_.end() ? nullptr : &places_[found->second];
}

std::set<PlacedLimit> TrackedPlaces::limits() const {
  std::set<PlacedLimit> all;
  for (const TrackedPlace& place : places_) all.insert(place.limit);
  return all;
}

bool TrackedPlaces::some_have_several_ends() const {
  return std::any_of(places_.begin(), places_.end(), [](const TrackedPlace& place) { return !place.one_end; });
}

bool TrackedPlaces::may_run_short(std::uint64_t asked, const LiftedLimits& lifted) const {
  return std::any_of(places_.begin(), places_.end(), [&](const TrackedPlace& place) {
    return asked > place.table.room() && !lifted.contains(place.limit);
  });
}

Interval entries_left(const TrackedPlace& place, std::uint64_t asked, const NetworkQuestion& question) {
  const std::uint64_t room = place.table.room();
  if (place.one_end || asked <= room || question.draws == Draws::best) return Interval::exactly(room);
  return {room - std::min(room, question.unanswered.value_or(0)), room};
}

bool tables_may_run_short_after_close(const Scenario& scenario) {
  const bool any = std::any_of(scenario.hosts.begin(), scenario.hosts.end(),
                               [](const auto& host) { return host.second.conntrack.has_value(); }) ||
                   std::any_of(scenario.gateways.begin(), scenario.gateways.end(),
                               [](const auto& gateway) { return gateway.second.conntrack.has_value(); });
  if (!any) return false;
  const Wiring wiring(scenario);
  const TrackedPlaces places(scenario, wiring);
  return std::any_of(places.all().begin(), places.all().end(), [&](const TrackedPlace& place) {
    std::uint64_t come = 0;
    bool some_end = false;
    for (const auto& [name, ways] : place.workloads) {
      const Workload& workload = scenario.workloads.at(name);
      const bool again = workload.retry.attempts > 0 || workload.retry.reconnect;
      some_end = some_end || again || !std::holds_alternative<HoldForever>(workload.hold);
      come = bounded_sum(come, workload.retry.reconnect
                                   ? ~std::uint64_t{0}
                                   : bounded_product(workload.connections, std::uint64_t{workload.retry.attempts} + 1));
    }
    return some_end && come > place.table.room();
  });
}

}  // namespace netlimits::analysis
