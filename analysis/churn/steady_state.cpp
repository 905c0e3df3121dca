// How long a connection keeps its port (hold time, round trips, TIME_WAIT), and so what a pool sustains and how many
// are open at once.
#include "analysis/churn/steady_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

#include "analysis/churn/churn_course.hpp"
#include "analysis/churn/churn_walk.hpp"
#include "analysis/churn/enough_come.hpp"
#include "analysis/churn/named_meetings.hpp"
#include "analysis/churn/named_ports.hpp"
#include "analysis/churn/port_course.hpp"
#include "analysis/churn/shared_pools.hpp"
#include "analysis/churn/taken_for_a_while.hpp"
#include "analysis/client_plan.hpp"
#include "analysis/growth/unaccepted.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/arrival_law.hpp"
#include "model/scenario/places.hpp"
#include "model/scenario/workload_shape.hpp"
#include "model/systems/os_profile.hpp"

namespace netlimits::analysis {
namespace {

std::uint64_t pools_of(const PlannedWorkload& workload, PortSharing sharing) {
  const std::uint64_t hosts = workload.host->count;
  switch (sharing) {
    case PortSharing::four_tuple:
      return hosts * std::set<Endpoint>(workload.workload->to.begin(), workload.workload->to.end()).size() *
             (workload.names_sources() ? workload.sources : 1);
    case PortSharing::local_addr_port: {
      const std::set<IpAddress> chosen(workload.chosen_sources.begin(), workload.chosen_sources.end());
      return hosts * (workload.names_sources() ? workload.sources : chosen.size());
    }
    case PortSharing::host_port:
      return hosts;
  }
  return 1;
}

// In the long run only those connections from before the scenario hold a port that do not end by themselves.
Interval lasting_ports(const HostGroup& host, const PoolKind& kind, const Endpoint& to) {
  if (host.held_connections.empty()) return automatic_ports(host, kind, to);
  HostGroup later = host;
  std::erase_if(later.held_connections,
                [](const HeldConnections& held) { return held.state != HeldConnectionState::open; });
  return automatic_ports(later, kind, to);
}

// Of the connections towards the first destination, all hosts and pools together.
struct Course : PortCourse {
  std::uint64_t buckets = 0;  // TIME_WAIT entries that there can be, on all hosts
};

// The first of `connections`, counted from 0, that finds all `ports` taken, when they come at a constant rate and all
// are held alike; nothing: none does. Ports come back in the order in which they were taken.
std::optional<std::uint64_t> first_refused(const Course& course, SimTime start, Duration interval, std::uint64_t ports,
                                           std::uint64_t connections) {
  const auto begins = [&](std::uint64_t k) { return later(start, bounded_product(interval, k)); };
  const auto closes = [&](std::uint64_t k) { return later(begins(k), course.until_closed); };
  std::uint64_t closed = 0;  // how many have closed by now, and how many of those have given their port back
  std::uint64_t free = 0;
  const bool even = course.waits_evenly();
  for (std::uint64_t k = 0; k < connections; ++k) {
    const SimTime now = begins(k);
    while (closed < k && closes(closed) <= now) ++closed;
    while (free < closed && course.free_from(closes(free)) <= now) ++free;
    const std::uint64_t waiting = std::min(closed - free, course.buckets);
    if (k - closed + waiting >= ports) return k;
    // From here on as many come back as are taken.
    if (even && (free > 0 || (closed > 0 && waiting == course.buckets))) return std::nullopt;
  }
  return std::nullopt;
}

// What the ports sustain. More connections may end than there are TIME_WAIT entries for: the ports of the others are
// free at once, so that those beyond the entries go round quickly. Of several pools any may have more than its share
// of a host's entries: whose connection closes first when one has ended decides.
void write_sustained(SteadyState& state, const Course& course, std::uint64_t hosts) {
  const std::uint64_t ports = state.ports.min * state.pools;
  const auto held = static_cast<std::uint64_t>(state.port_held.count());
  state.sustained = {ports, held};
  if (!course.waits || course.buckets >= ports) return;
  const auto until_closed = static_cast<std::uint64_t>(course.until_closed.count());
  const std::uint64_t pools_of_host = state.pools / hosts;
  const std::uint64_t entries = course.buckets / hosts;
  const std::uint64_t most_here = pools_of_host == 1 ? entries : std::min(entries, state.ports.min);
  const SustainedRate little = state.sustained;
  const SustainedRate beyond{(state.ports.min - most_here) * state.pools, until_closed};
  if (beyond.per_nanoseconds > 0 && above(beyond, little)) {
    state.sustained = beyond;
    state.past_the_buckets = true;
    state.time_wait = Duration::zero();
    state.port_held = course.until_closed;
  }
  if (pools_of_host == 1) return;
  // The pool that has the most of them has an even share at least.
  const std::uint64_t even_share = (entries + pools_of_host - 1) / pools_of_host;
  const SustainedRate luckiest{(state.ports.max - std::min(state.ports.max, even_share)) * state.pools, until_closed};
  if (luckiest.per_nanoseconds == 0) {
    state.sustained_open = luckiest.connections > 0;
  } else if (above(luckiest, state.sustained)) {
    state.sustained_at_most = luckiest;
  }
}

// Which of the first so many connections is refused, by the ports that there are.
struct Refused {
  using Ask = std::function<std::optional<std::uint64_t>(std::uint64_t ports, std::uint64_t connections)>;
  Ask soonest{};
  Ask latest{};  // in whichever order things come that happen at one moment
  std::function<std::uint64_t(std::uint64_t)> established{};  // before the k-th; nothing: all
};

// `long_enough`: connections after which the first failure has happened, if there is any. A workload that ends before
// is followed for as long.
void write_first_failure(SteadyState& state, const Workload& workload, const Interval& ports, std::uint64_t long_enough,
                         const Refused& refused) {
  const auto asked = workload.connections;
  state.followed = true;
  const auto at = [&](std::uint64_t k) { return *arrival_by_law(workload.arrivals, workload.start, k); };
  const auto before = [&](std::uint64_t k) { return refused.established ? refused.established(k) : k; };
  if (const auto first = refused.soonest(ports.min, asked)) {
    const auto last = refused.latest(ports.max, asked);
    state.first_failure_after = Interval{before(*first), before(std::max(*first, last.value_or(asked)))};
    state.failure_is_open = !last;
    state.first_failure_at = at(*first);
    return;
  }
  const std::uint64_t followed = std::max(asked, long_enough);
  const auto first = refused.soonest(ports.min, followed);
  if (!first) return;
  const std::uint64_t last = refused.latest(ports.max, followed).value_or(followed);
  state.would_fail_after = Interval{before(*first), before(std::max(*first, last))};
  state.would_fail_at = at(*first);
}

// Does a balancer send some of them back to where they begin? Such a connection has its port, and is never let through.
bool some_come_back(const Wiring& wiring, const PlannedWorkload& workload) {
  return std::any_of(workload.targets.begin(), workload.targets.end(), [&](const Target& target) {
    if (target.reach != Reach::balancer) return false;
    const std::vector<Endpoint>& back_ends = target.balancer->back_ends;
    return std::any_of(back_ends.begin(), back_ends.end(),
                       [&](const Endpoint& back_end) { return wiring.comes_back(workload.host->name, back_end); });
  });
}

// Others that name ports may come to one of theirs again, or to one that somebody has, and be the first there; others
// that are given one may be given one of mine.
void widen_by_others(SteadyState& state, const Scenario& scenario, const Wiring& wiring) {
  const Workload& mine = scenario.workloads.at(state.workload);
  if (!std::holds_alternative<BindExplicit>(mine.bind)) return;
  PlacedLimit shared{state.limit, state.place};
  auto* way = std::get_if<OutboundPlace>(&shared.place.what);
  if (way != nullptr && shared.limit == Limit::port_in_use) way->destination = All{};  // bind() knows of no destination
  for (const auto& [name, other] : scenario.workloads) {
    if (name == mine.name || other.from_host != mine.from_host) continue;
    const bool names_them = std::holds_alternative<BindExplicit>(other.bind) && uses_place(wiring, other, shared);
    if (!names_them && !may_draw_a_named_port(scenario.hosts.at(mine.from_host), mine, other)) continue;
    state.first_failure_after = Interval{0, bounded_sum(state.first_failure_after->max, other.connections)};
    state.first_failure_at.reset();
  }
}

// Nothing: neither.
std::optional<std::uint64_t> sooner(std::optional<std::uint64_t> a, std::optional<std::uint64_t> b) {
  return a && b ? std::min(a, b) : std::max(a, b);
}

const ConstantRate* constant_rate(const PlannedWorkload& workload) {
  const auto* constant = std::get_if<ConstantRate>(&workload.workload->arrivals);
  return constant != nullptr && constant->interval > Duration::zero() ? constant : nullptr;
}

// The pool of automatic ports that a connection draws from.
std::uint64_t pool_number(const PlannedWorkload& workload, PortSharing sharing, const Assignment& assigned) {
  if (sharing == PortSharing::host_port) return assigned.host_instance;
  std::uint64_t way = assigned.destination;
  if (sharing == PortSharing::local_addr_port) {
    const auto& chosen = workload.chosen_sources;
    way = workload.names_sources()
              ? 0
              : static_cast<std::uint64_t>(std::find(chosen.begin(), chosen.end(), chosen[way]) - chosen.begin());
  }
  const std::uint64_t source = workload.names_sources() ? assigned.source : 0;
  return (assigned.host_instance * workload.sources + source) * workload.destinations() + way;
}

// Requires: chance has no part in when they come.
ChurnWalk walk_of(const PlannedWorkload& workload, const Course& course,
                  std::function<std::optional<DrawnFrom>(std::uint64_t)> from) {
  return {
      .course = course,
      .begins = [&its = *workload.workload](std::uint64_t k) { return *arrival_by_law(its.arrivals, its.start, k); },
      .entries = workload.host->settings.max_time_wait_buckets,
      .from = std::move(from)};
}

Refused refused_on(const ChurnWalk& walk) {
  const auto first = [&walk](std::uint64_t ports, std::uint64_t connections) {
    return std::pair(walk.first_refused(ports, connections, AtOneMoment::entries_end_first),
                     walk.first_refused(ports, connections, AtOneMoment::connections_close_first));
  };
  const auto soonest = [first](std::uint64_t ports, std::uint64_t connections) {
    const auto found = first(ports, connections);
    return sooner(found.first, found.second);
  };
  const auto latest = [first](std::uint64_t ports, std::uint64_t connections) {
    const auto found = first(ports, connections);
    return !found.first || !found.second ? std::nullopt : std::max(found.first, found.second);
  };
  return {soonest, latest, {}};
}

void write_automatic(SteadyState& state, const PlannedWorkload& workload, const Course& course, const PoolKind& kind) {
  const HostGroup& host = *workload.host;
  const auto* constant = constant_rate(workload);
  if (constant == nullptr || !std::holds_alternative<HoldConstant>(workload.workload->hold)) return;
  // Entries of connections from before the scenario may be gone by then, or not.
  const Interval at_first = automatic_ports(host, kind, workload.workload->to.front());
  const Interval each{std::min(at_first.min, state.ports.min), state.ports.max};
  // Programs begin at one source and go round the destinations each in its own turn, and a full table of entries is
  // whose it happens to be: then pools do not fill alike, and their sum does not tell. Few enough are followed.
  const bool full_table = course.waits && course.buckets < each.max * state.pools;
  const bool unevenly = state.pools > host.count && (full_table || workload.process->count > 1) &&
                        each.max * state.pools <= ChurnWalk::most_followed / 2;
  if (unevenly) {
    const AssignmentShape shape = shape_of(*workload.workload, host, *workload.process);
    const auto from = [&](std::uint64_t k) -> std::optional<DrawnFrom> {
      const Assignment assigned = assign(shape, k);
      return DrawnFrom{pool_number(workload, kind.sharing, assigned), assigned.host_instance};
    };
    const ChurnWalk walk = walk_of(workload, course, from);
    write_first_failure(state, *workload.workload, each, bounded_product(each.max * state.pools, 2), refused_on(walk));
    return;
  }
  const Interval filled{each.min * state.pools, each.max * state.pools};
  const auto refused = [&](std::uint64_t ports, std::uint64_t connections) {
    return first_refused(course, workload.workload->start, constant->interval, ports, connections);
  };
  write_first_failure(state, *workload.workload, filled, bounded_product(filled.max, 2), {refused, refused, {}});
}

// At a rate that is not 0 in the beginning, or grows.
bool comes_by_law(const Workload& workload) {
  const auto* constant = std::get_if<ConstantRate>(&workload.arrivals);
  if (constant != nullptr) return constant->interval > Duration::zero();
  return std::holds_alternative<RampRate>(workload.arrivals);
}

// In which order ports are named is known where the moments are not. One that others have for good refuses whoever
// names it; one that the workload has had may be free again or not.
void write_first_taken(SteadyState& state, const NamedPorts& named, std::uint64_t asked) {
  const auto refused = named.first_taken(asked, true);
  if (!refused) return;
  std::set<std::uint64_t> had;
  std::uint64_t earliest = std::min(*refused, named.first_taken(asked, false).value_or(*refused));
  for (std::uint64_t k = 0; k < earliest; ++k) {
    const auto of = named.from(k);
    if (of && !had.insert(of->pool).second) earliest = k;
  }
  state.first_failure_after = Interval{named.let_through(earliest), named.let_through(*refused)};
}

// Nothing: it never comes to one of its ports again.
std::optional<SteadyState> named_state(const PlannedWorkload& workload, SteadyState state, const Course& course) {
  const NamedPorts named(workload);
  const ChurnWalk walk = walk_of(workload, course, [&](std::uint64_t k) { return named.from(k); });
  const std::uint64_t twice = bounded_product(named.period(), 2);
  if (twice > ChurnWalk::most_followed) return std::nullopt;
  const auto soonest = walk.soonest_return(twice);
  if (!soonest) return std::nullopt;
  state.limit = workload.shares_named_ports() ? Limit::four_tuple : Limit::port_in_use;
  state.ports = named.each();
  state.pools = named.pools();
  state.sustained = {*soonest, static_cast<std::uint64_t>(state.port_held.count())};
  const std::uint64_t entries = workload.host->settings.max_time_wait_buckets;
  if (course.longest_wait() > Duration::zero() && entries < state.ports.max * state.pools / workload.host->count) {
    if (course.until_closed > Duration::zero()) {
      state.sustained_at_most = SustainedRate{*soonest, static_cast<std::uint64_t>(course.until_closed.count())};
    } else {
      state.sustained_open = true;
    }
  }
  // Some come again sooner than others, which get through.
  const SustainedRate each_in_time = served_by(state.ports.max * state.pools, state.port_held);
  if (!state.sustained_open && above(each_in_time, state.sustained_at_most.value_or(state.sustained)))
    state.sustained_at_most = each_in_time;
  if (comes_by_law(*workload.workload) && std::holds_alternative<HoldConstant>(workload.workload->hold)) {
    const Refused by_return = refused_on(walk);
    const Refused refused{[&](std::uint64_t ports, std::uint64_t connections) {
                            return sooner(by_return.soonest(ports, connections), named.first_taken(connections, false));
                          },
                          [&](std::uint64_t ports, std::uint64_t connections) {
                            return sooner(by_return.latest(ports, connections), named.first_taken(connections, true));
                          },
                          [&](std::uint64_t k) { return named.let_through(k); }};
    write_first_failure(state, *workload.workload, Interval::exactly(1), twice, refused);
  } else {
    write_first_taken(state, named, workload.workload->connections);
  }
  return state;
}

}  // namespace

bool is_offered_more(const SteadyState& state) {
  if (!state.offered) return false;
  if (!state.bound_by && (state.first_failure_at || state.would_fail_at)) return above(*state.offered, state.sustained);
  // Ports that were followed one by one, and none of them was missing.
  if (!state.bound_by && state.followed) return false;
  const SustainedRate most = state.sustained_at_most.value_or(state.sustained);
  return !state.sustained_open && above(*state.offered, most);
}

std::string SteadyState::sustained_text() const {
  if (sustained_open) return fmt::format("at least {}", sustained.text());
  if (!sustained_at_most) return sustained.text();
  return fmt::format("{} to {}", sustained.text(), sustained_at_most->text());
}

std::vector<SteadyState> steady_state(const Scenario& scenario, const Wiring& wiring) {
  const ClientPlan plan(scenario, wiring);
  std::vector<SteadyState> found;
  for (const PlannedWorkload& workload : plan.workloads) {
    const auto hold = mean_of(workload.workload->hold);
    if (!hold || workload.targets.empty()) continue;
    const HostGroup& host = *workload.host;
    const IpAddress local = workload.local_address(0, 0);
    const Endpoint& to = workload.workload->to.front();
    const Target target = workload.target(0, 0);
    const auto kind = pool_kind(host.profile->rules, workload.workload->bind, local);
    const auto round_trip = round_trip_of(wiring, workload, target);
    if ((!kind && !workload.names_ports()) || !round_trip) continue;

    Course course{course_of(wiring, workload, 0, 0, kind, *hold, *round_trip), 0};
    course.buckets = host.settings.max_time_wait_buckets * host.count;
    SteadyState state;
    state.workload = workload.workload->name;
    state.hold = *hold;
    state.round_trip = *round_trip;
    state.time_wait = course.longest_wait();
    state.port_held = bounded_sum(course.until_closed, state.time_wait);
    if (state.port_held <= Duration::zero()) continue;
    state.offered = asked_rate(*workload.workload);
    // A program that names its ports is told of the one way that it wanted, where it goes but one.
    const bool of_one_way = workload.shares_named_ports() || workload.workload->to.size() == 1;
    const PortSharing sharing =
        kind ? kind->sharing : (of_one_way ? PortSharing::four_tuple : PortSharing::local_addr_port);
    state.place = port_pool_place(host, sharing, local, to);
    if (!kind) {
      if (auto named = named_state(workload, std::move(state), course)) found.push_back(std::move(*named));
      continue;
    }
    state.pools = pools_of(workload, sharing);
    state.ports = lasting_ports(host, *kind, to);
    // With no time between connect() and close() the ports beyond the entries never run out, unless one of several
    // pools can be full of them.
    const bool endless = course.waits && course.until_closed <= Duration::zero();
    const std::uint64_t full = state.ports.min * (state.pools > host.count ? host.count : state.pools);
    if (endless && course.buckets < full) continue;
    write_sustained(state, course, host.count);
    if (workload.programs > 1 && state.pools > host.count)
      state.sure_up_to =
          SustainedRate{(state.ports.min - std::min(state.ports.min, workload.programs - 1)) * state.pools,
                        static_cast<std::uint64_t>(state.port_held.count())};
    write_automatic(state, workload, course, *kind);
    found.push_back(std::move(state));
  }
  share_pools(found, plan, wiring);
  leave_room(found, scenario, plan, wiring);
  for (SteadyState& state : found) {
    if (!state.first_failure_after) continue;
    const std::string& from = scenario.workloads.at(state.workload).from_host;
    const std::vector<std::size_t>& members = plan.of_host.at(from);
    if (std::any_of(members.begin(), members.end(),
                    [&](std::size_t index) { return some_come_back(wiring, plan.workloads[index]); }))
      state.first_failure_after->min = 0;
    // A server that accepts late also closes late.
    if (somebody_waits(scenario, wiring)) {
      state.first_failure_after->min = 0;
      state.first_failure_at.reset();
    }
    if (scenario.end && !surely_enough_come(state, scenario)) state.failure_is_open = true;
    widen_by_others(state, scenario, wiring);
  }
  meet_by_name(found, plan, wiring);
  return found;
}

}  // namespace netlimits::analysis
