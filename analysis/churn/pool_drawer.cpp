// A workload's pools are worked out once; who meets whom, pool by pool.
#include "analysis/churn/pool_drawer.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "analysis/churn/churn_course.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/arrival_law.hpp"
#include "model/systems/os_profile.hpp"

namespace netlimits::analysis {

namespace {

Duration kept(const PortCourse& course) { return bounded_sum(course.until_closed, course.longest_wait()); }

}  // namespace

std::uint64_t Drawer::way(const Assignment& assigned) const {
  return assigned.source * planned->destinations() + assigned.destination;
}

std::set<Pool> Drawer::all_pools() const {
  std::set<Pool> all;
  for (const auto& one : pools)
    if (one) all.insert(*one);
  return all;
}

std::uint64_t Drawer::ways_to(const Pool& pool) const {
  return static_cast<std::uint64_t>(std::count(pools.begin(), pools.end(), std::optional(pool)));
}

const PortCourse& Drawer::course_to(const Pool& pool) const {
  std::size_t longest = pools.size();
  for (std::size_t i = 0; i < pools.size(); ++i) {
    if (pools[i] != pool) continue;
    if (longest == pools.size() || kept(courses[i]) > kept(courses[longest])) longest = i;
  }
  return courses[longest];
}

bool Drawer::ways_are_alike() const {
  const PortCourse* first = nullptr;
  for (std::size_t i = 0; i < pools.size(); ++i) {
    if (!pools[i]) continue;
    if (first == nullptr) first = &courses[i];
    if (courses[i].until_closed != first->until_closed || kept(courses[i]) != kept(*first)) return false;
  }
  return true;
}

bool Drawer::arrives_by_law() const { return !std::holds_alternative<PoissonRate>(planned->workload->arrivals); }

bool Drawer::hold_is_drawn() const { return std::holds_alternative<HoldExponential>(planned->workload->hold); }

bool Drawer::end_is_open() const {
  if (hold_is_drawn()) return true;
  if (hold && std::any_of(in_vain.begin(), in_vain.end(), [](const auto& one) { return one.has_value(); })) return true;
  if (!hold || planned->workload->closer != Closer::server) return false;
  return std::any_of(planned->targets.begin(), planned->targets.end(), [](const Target& target) {
    if (target.reach == Reach::balancer) return true;
    if (target.reach != Reach::listener) return false;
    const Listener& listener = target.host->processes[target.process].listeners[target.listener];
    return !std::holds_alternative<AcceptImmediately>(listener.accept);
  });
}

SimTime Drawer::last() const { return last_arrival_by_law(*planned->workload).value_or(end_of_time); }

std::optional<Drawer> drawer_of(const PlannedWorkload& planned, const Wiring& wiring) {
  if (planned.workload->connections == 0 || planned.targets.empty()) return std::nullopt;
  const Rules& rules = planned.host->profile->rules;
  const auto kind = pool_kind(rules, planned.workload->bind, planned.local_address(0, 0));
  if (!kind) return std::nullopt;
  Drawer drawer;
  drawer.planned = &planned;
  drawer.kind = *kind;
  drawer.hold = mean_of(planned.workload->hold);
  const Duration held = drawer.hold.value_or(Duration::zero());
  bool some_arrive = false;
  for (std::uint64_t source = 0; source < planned.sources; ++source) {
    for (std::uint64_t to = 0; to < planned.destinations(); ++to) {
      const Target target = planned.target(source, to);
      const auto round_trip = round_trip_of(wiring, planned, target);
      Pool pool;
      if (kind->sharing != PortSharing::host_port) pool.local = planned.local_address(source, to);
      if (kind->sharing == PortSharing::four_tuple) pool.to = planned.workload->to[to];
      drawer.pools.push_back(round_trip ? std::optional(pool) : std::nullopt);
      some_arrive = some_arrive || round_trip;
      drawer.courses.push_back(
          course_of(wiring, planned, source, to, kind, held, round_trip.value_or(Duration::zero())));
      drawer.in_vain.push_back(never_accepted(wiring, planned, target));
    }
  }
  if (!some_arrive) return std::nullopt;
  return drawer;
}

std::uint64_t kept_in_vain(const Drawer& drawer, const ClientPlan& plan) {
  if (drawer.kind.sharing == PortSharing::four_tuple) return 0;
  const HostGroup& host = *drawer.planned->host;
  std::uint64_t kept = 0;
  for (const std::size_t index : plan.of_host.at(host.name)) {
    const PlannedWorkload& one = plan.workloads[index];
    const auto theirs = pool_kind(host.profile->rules, one.workload->bind, one.local_address(0, 0));
    const bool same = theirs && theirs->sharing == drawer.kind.sharing && theirs->by_bind == drawer.kind.by_bind;
    const bool waits = std::any_of(one.targets.begin(), one.targets.end(), [](const Target& target) {
      return target.reach == Reach::no_route || target.reach == Reach::no_listener;
    });
    if (same && waits) kept = bounded_sum(kept, (one.workload->connections + host.count - 1) / host.count);
  }
  return kept;
}

std::uint64_t streams_to(const std::vector<Drawer>& drawers, const Pool& pool) {
  std::uint64_t streams = 0;
  for (const Drawer& one : drawers) {
    const std::uint64_t each = one.ways() == 1 ? 1 : one.planned->programs;
    if (one.hold) streams = bounded_sum(streams, bounded_product(each, one.ways_to(pool)));
  }
  return streams;
}

void let_some_stay_out(const std::vector<Drawer>& drawers) {
  SimTime first_to_end = end_of_time;
  SimTime last_to_stay = time_zero;
  for (const Drawer& drawer : drawers) {
    if (drawer.hold) {
      first_to_end = std::min(first_to_end, drawer.planned->workload->start);
    } else {
      last_to_stay = std::max(last_to_stay, drawer.last());
    }
  }
  if (last_to_stay <= first_to_end) return;
  for (const Drawer& drawer : drawers) {
    if (drawer.state == nullptr || !drawer.state->offered) continue;
    SteadyState& state = *drawer.state;
    const bool all_stay = state.first_failure_at && *state.first_failure_at > last_to_stay;
    if (!all_stay && above(*state.offered, state.sustained)) state.sustained_at_most = state.offered;
  }
}

// Workloads of a host that choose their ports in the same way, and meet in some pool, one by way of the other.
std::vector<std::vector<Drawer>> that_meet(std::vector<Drawer> drawers) {
  using Met = std::tuple<const HostGroup*, PortSharing, bool, Pool>;
  std::map<Met, std::size_t> last_at;  // who drew there last
  std::vector<std::size_t> leads_to(drawers.size());
  std::iota(leads_to.begin(), leads_to.end(), std::size_t{0});
  const auto last_of = [&](std::size_t one) {
    while (leads_to[one] != one) one = leads_to[one] = leads_to[leads_to[one]];
    return one;
  };
  for (std::size_t i = 0; i < drawers.size(); ++i) {
    const Drawer& drawer = drawers[i];
    for (const Pool& pool : drawer.all_pools()) {
      const auto [met, is_new] =
          last_at.try_emplace({drawer.planned->host, drawer.kind.sharing, drawer.kind.by_bind, pool}, i);
      if (!is_new) leads_to[last_of(met->second)] = i;
      met->second = i;
    }
  }
  // In the order of the last of each.
  std::map<std::size_t, std::vector<Drawer>> by_last;
  for (std::size_t i = 0; i < drawers.size(); ++i) by_last[last_of(i)].push_back(std::move(drawers[i]));
  std::vector<std::vector<Drawer>> groups;
  for (auto& [last, group] : by_last) groups.push_back(std::move(group));
  return groups;
}

}  // namespace netlimits::analysis
