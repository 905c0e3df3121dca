// Ports first, then what else bounds a rate; last, what that means for the whole answer.
#include "analysis/churn/short_connections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <limits>
#include <set>
#include <utility>

#include "analysis/churn/accept_rates.hpp"
#include "analysis/churn/bounded_rates.hpp"
#include "analysis/churn/gateway_rates.hpp"
#include "analysis/churn/lead_nowhere.hpp"
#include "analysis/churn/served_late.hpp"
#include "analysis/growth/growth.hpp"
#include "analysis/occupancy/open_at_once.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/arrival_law.hpp"
#include "model/scenario/places.hpp"

namespace netlimits::analysis {
namespace {

using boost::multiprecision::uint128_t;

// Of connections that end.
bool some_come_by_chance(const Scenario& scenario) {
  return std::any_of(scenario.workloads.begin(), scenario.workloads.end(), [](const auto& named) {
    return std::holds_alternative<PoissonRate>(named.second.arrivals) &&
           !std::holds_alternative<HoldForever>(named.second.hold);
  });
}

bool some_are_drawn(const Scenario& scenario) {
  return some_come_by_chance(scenario) ||
         std::any_of(scenario.workloads.begin(), scenario.workloads.end(),
                     [](const auto& named) { return std::holds_alternative<HoldExponential>(named.second.hold); });
}

bool bound_by_its_client(const Scenario& scenario, const SteadyState& steady) {
  return steady.bound_by && begins_at(scenario.workloads.at(steady.workload), steady.bound_by->place);
}

// Is whoever comes there told at once, and before so many others are let through?
bool come_before(const Scenario& scenario, const std::vector<Binding>& nowhere, std::uint64_t let_through) {
  if (nowhere.empty() || scenario.workloads.size() != 1) return false;
  std::uint64_t turns = turns_of(scenario, scenario.workloads.begin()->second);
  for (const auto& [name, balancer] : scenario.balancers) turns = bounded_product(turns, balancer.back_ends.size());
  return turns < let_through && all_told_at_once(nowhere);
}

// How many come to a place of that name whom this state has not counted: hosts of a group with several addresses have a
// pool for each, and one name for all.
std::uint64_t others_that_come(const Scenario& scenario, const Wiring& wiring, const SteadyState& steady) {
  const HostGroup& host = scenario.hosts.at(scenario.workloads.at(steady.workload).from_host);
  if (steady.limit != Limit::ephemeral_ports || host.count == 1 || host.addresses.size() == 1) return 0;
  std::uint64_t sum = 0;
  for (const auto& [name, workload] : scenario.workloads) {
    const auto& together = steady.together;
    const bool counted = name == steady.workload || std::find(together.begin(), together.end(), name) != together.end();
    if (!counted && uses_place(wiring, workload, {steady.limit, steady.place}))
      sum = bounded_sum(sum, workload.connections);
  }
  return sum;
}

// Where servers close, those that wait for one that is full come beside those that it has, late as that may be: as many
// as it has room for, and those who take other ways.
std::uint64_t most_that_gather(const Scenario& scenario, const Wiring& wiring, const CapacityNetwork& network,
                               const Capacity& found) {
  std::set<PlacedLimit> full;
  for (const SteadyState& steady : found.steady_state)
    if (scenario.workloads.at(steady.workload).closer == Closer::server && steady.bound_by)
      full.insert(*steady.bound_by);
  std::uint64_t gather = 0;
  std::set<Place> where;
  for (const Binding& one : found.binding) {
    if (one.limit == Limit::listen_backlog || !full.contains({one.limit, one.place})) continue;
    if (!lets_clients_wait(scenario, one)) continue;
    gather = bounded_sum(gather, one.capacity.max);
    where.insert(one.place);
  }
  if (gather == 0) return 0;
  NetworkQuestion all{.draws = Draws::best};
  for (const auto& [name, workload] : scenario.workloads) all.connections.push_back(workload.connections);
  return std::min(bounded_sum(most_beside(scenario, wiring, where), gather), network.ask(all).held);
}

// Of those that begin before that moment, when nobody is refused, as many are there at once as come all together, or as
// come within a hold time. Of one workload: others may come before or after.
std::uint64_t surely_held_before(const Scenario& scenario, SimTime at) {
  std::uint64_t most = 1;
  for (const auto& [name, workload] : scenario.workloads) {
    if (workload.start >= at || !last_arrival_by_law(workload)) continue;
    const std::uint64_t begun = begun_by_law(workload, at - Duration(1));
    std::uint64_t ended = 0;
    if (const auto* hold = std::get_if<HoldConstant>(&workload.hold)) {
      const SimTime before = at - hold->time;
      if (before > workload.start && !std::holds_alternative<AtOnce>(workload.arrivals))
        ended = begun_by_law(workload, before) + 1;
    } else if (!std::holds_alternative<HoldForever>(workload.hold)) {
      continue;
    }
    most = std::max(most, begun - std::min(begun, ended));
  }
  return most;
}

bool surely_runs_out(const SteadyState& steady) {
  return steady.offered_more && steady.first_failure_after && !steady.failure_is_open;
}

}  // namespace

void add_short_connections(Capacity& found, const Scenario& scenario, const Wiring& wiring,
                           const CapacityNetwork& network, bool breaks_without_chance) {
  found.steady_state = steady_state(scenario, wiring);
  bound_rates(found.steady_state, scenario, wiring, network);
  bound_by_accept_rates(found.steady_state, scenario, wiring);
  bound_by_gateways(found, scenario, wiring);
  for (SteadyState& steady : found.steady_state) steady.offered_more = is_offered_more(steady);
  // As many as chance lets be there at once need not be, and ports that are sure to run out are what breaks.
  const auto& steady_state = found.steady_state;
  const bool by_chance = some_are_drawn(scenario) && !breaks_without_chance;
  const bool meet_by_chance = some_meet_by_chance(scenario, wiring) && !breaks_without_chance;
  const bool too_many =
      std::any_of(steady_state.begin(), steady_state.end(), [](const SteadyState& one) { return one.offered_more; });
  const bool places_run_out = std::any_of(steady_state.begin(), steady_state.end(),
                                          [](const SteadyState& one) { return one.offered_more && one.bound_by; });
  if (by_chance && !places_run_out && std::any_of(steady_state.begin(), steady_state.end(), surely_runs_out))
    found.binding.clear();
  found.held = found.capacity;
  if (const auto most = most_at_both_ends(scenario, wiring))
    found.held = {std::min(found.held.min, most->min), std::min(found.held.max, most->max)};
  const std::uint64_t gather = most_that_gather(scenario, wiring, network, found);
  found.capacity.max = std::max(found.capacity.max, gather);
  found.held.max = std::max(found.held.max, gather);
  const bool only_in_time = all_told_at_once(found.binding);              // as ports run out in time, if they do
  std::uint64_t let_through = std::numeric_limits<std::uint64_t>::max();  // before the first of these fails
  for (SteadyState& steady : found.steady_state) {
    if (steady.past_the_buckets)
      found.notes.push_back(
          "more connections of " + steady.workload +
          " end than net.ipv4.tcp_max_tw_buckets has entries for: the ports of the others are free at "
          "once");
    if (steady.bound_by)
      found.notes.push_back(fmt::format("{} ({}) bounds what {} sustains, and not its ports",
                                        name_of(steady.bound_by->limit), steady.bound_by->place.text(),
                                        steady.workload));
    // Whoever has a descriptor is on the way to the other end for a part of the time.
    if (steady.offered_more && steady.hold > Duration::zero() && bound_by_its_client(scenario, steady)) {
      const Duration away = bounded_sum(steady.hold, bounded_sum(steady.round_trip, steady.round_trip));
      const auto part = uint128_t(found.held.min) * static_cast<std::uint64_t>(steady.hold.count());
      found.held.min = static_cast<std::uint64_t>(part / static_cast<std::uint64_t>(away.count()));
    }
    if (!steady.first_failure_after) continue;
    // Any of them may be the first who is refused there.
    if (const std::uint64_t others = others_that_come(scenario, wiring, steady); others > 0) {
      steady.first_failure_after = Interval{0, bounded_sum(steady.first_failure_after->max, others)};
      steady.first_failure_at.reset();
    }
    // Some of those that have its ports have ended by then.
    const Workload& its = scenario.workloads.at(steady.workload);
    if (steady.first_failure_at && std::holds_alternative<RampRate>(its.arrivals)) {
      const SimTime ended = *steady.first_failure_at - kept_by_client(its, steady.hold, steady.round_trip);
      const std::uint64_t gone = ended < its.start ? 0 : begun_by_law(its, ended);
      const std::uint64_t least = steady.first_failure_after->min;
      found.held.min = std::min(found.held.min, least - std::min(least, gone));
    }
    // What others of its ports are left to those that stay is not followed.
    for (const auto& [name, workload] : scenario.workloads) {
      if (name == steady.workload || !uses_place(wiring, workload, {steady.limit, steady.place})) continue;
      const bool stays = std::holds_alternative<HoldForever>(workload.hold);
      const std::uint64_t before =
          stays ? 0 : surely_held_before(scenario, steady.first_failure_at.value_or(time_zero));
      found.held.min = std::min(found.held.min, before);
    }
    let_through = std::min(let_through, steady.first_failure_after->min);
    const Binding runs_out{steady.limit, steady.place, *steady.first_failure_after};
    const auto is_it = [&](const Binding& one) { return one.limit == runs_out.limit && one.place == runs_out.place; };
    if (std::none_of(found.binding.begin(), found.binding.end(), is_it)) found.binding.push_back(runs_out);
  }
  // Where chance decides how many are there at once, a slow program's queue may be full long before they are too many.
  const bool overflows = std::any_of(found.steady_state.begin(), found.steady_state.end(),
                                     [](const SteadyState& steady) { return steady.overflows.has_value(); });
  if (overflows && some_come_by_chance(scenario)) found.binding_is_open = true;
  if (found.binding.empty() || only_in_time) {
    std::vector<Binding> nowhere = turns_that_lead_nowhere(scenario, wiring);
    if (found.binding.empty() || come_before(scenario, nowhere, let_through)) found.binding = std::move(nowhere);
  }
  if ((by_chance && !too_many) || meet_by_chance || may_be_served_late(scenario, found, found.binding))
    found.binding_is_open = true;
  if (may_be_served_late(scenario, found, found.refusing)) found.refusing_is_open = true;
  for (const Overflowing& one : queues_that_may_overflow(scenario, wiring)) {
    found.held.min = std::min(found.held.min, one.room);
    if (!found.binding.empty()) continue;
    found.binding.push_back({one.limit.limit, one.limit.place, {one.room, found.capacity.max}});
    found.binding_is_open = true;
  }
}

void put_those_that_wait_last(const Scenario& scenario, std::vector<Binding>& binding) {
  if (!some_end(scenario) || too_many_stay(scenario, binding)) return;
  std::stable_partition(binding.begin(), binding.end(),
                        [&](const Binding& one) { return !lets_clients_wait(scenario, one); });
}

bool rates_tell_of_accepts(const Scenario& scenario, const Capacity& capacity) {
  return std::all_of(scenario.workloads.begin(), scenario.workloads.end(), [&](const auto& named) {
    return std::any_of(capacity.steady_state.begin(), capacity.steady_state.end(), [&](const SteadyState& steady) {
      return steady.workload == named.first && steady.offered.has_value();
    });
  });
}

}  // namespace netlimits::analysis
