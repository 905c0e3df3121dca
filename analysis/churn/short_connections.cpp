// Ports first, then what else bounds a rate; last, what that means for the whole answer.
#include "analysis/churn/short_connections.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/churn/accept_rates.hpp"
#include "analysis/churn/bounded_rates.hpp"
#include "analysis/churn/lead_nowhere.hpp"
#include "analysis/churn/open_at_once.hpp"
#include "analysis/churn/served_late.hpp"

namespace netlimits::analysis {
namespace {

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

bool surely_runs_out(const SteadyState& steady) {
  return steady.offered_more && steady.first_failure_after && !steady.failure_is_open;
}

}  // namespace

void add_short_connections(Capacity& found, const Scenario& scenario, const Wiring& wiring,
                           const CapacityNetwork& network, bool breaks_without_chance) {
  found.steady_state = steady_state(scenario, wiring);
  bound_rates(found.steady_state, scenario, wiring, network);
  bound_by_accept_rates(found.steady_state, scenario, wiring);
  for (SteadyState& steady : found.steady_state) steady.offered_more = is_offered_more(steady);
  // As many as chance lets be there at once need not be, and ports that are sure to run out are what breaks.
  const auto& steady_state = found.steady_state;
  const bool by_chance = some_are_drawn(scenario) && !breaks_without_chance;
  const bool come_again = some_syns_come_again(scenario, wiring) && !breaks_without_chance;
  const bool too_many =
      std::any_of(steady_state.begin(), steady_state.end(), [](const SteadyState& one) { return one.offered_more; });
  const bool places_run_out = std::any_of(steady_state.begin(), steady_state.end(),
                                          [](const SteadyState& one) { return one.offered_more && one.bound_by; });
  if (by_chance && !places_run_out && std::any_of(steady_state.begin(), steady_state.end(), surely_runs_out))
    found.binding.clear();
  found.held = found.capacity;
  if (const auto most = most_at_both_ends(scenario, wiring))
    found.held = {std::min(found.held.min, most->min), std::min(found.held.max, most->max)};
  for (const SteadyState& steady : found.steady_state) {
    if (steady.past_the_buckets)
      found.notes.push_back(
          "more connections of " + steady.workload +
          " end than net.ipv4.tcp_max_tw_buckets has entries for: the ports of the others are free at "
          "once");
    if (steady.bound_by)
      found.notes.push_back(fmt::format("{} ({}) bounds what {} sustains, and not its ports",
                                        name_of(steady.bound_by->limit), steady.bound_by->place.text(),
                                        steady.workload));
    if (!steady.first_failure_after) continue;
    const Binding runs_out{steady.limit, steady.place, *steady.first_failure_after};
    const auto is_it = [&](const Binding& one) { return one.limit == runs_out.limit && one.place == runs_out.place; };
    if (std::none_of(found.binding.begin(), found.binding.end(), is_it)) found.binding.push_back(runs_out);
  }
  // Where chance decides how many are there at once, a slow program's queue may be full long before they are too many.
  const bool overflows = std::any_of(found.steady_state.begin(), found.steady_state.end(),
                                     [](const SteadyState& steady) { return steady.overflows.has_value(); });
  if (overflows && some_come_by_chance(scenario)) found.binding_is_open = true;
  if (found.binding.empty()) found.binding = turns_that_lead_nowhere(scenario, wiring);
  if ((by_chance && !too_many) || come_again || may_be_served_late(scenario, found, found.binding)) found.binding_is_open = true;
  if (may_be_served_late(scenario, found, found.refusing)) found.refusing_is_open = true;
}

bool rates_tell_of_accepts(const Scenario& scenario, const Capacity& capacity) {
  return std::all_of(scenario.workloads.begin(), scenario.workloads.end(), [&](const auto& named) {
    return std::any_of(capacity.steady_state.begin(), capacity.steady_state.end(), [&](const SteadyState& steady) {
      return steady.workload == named.first && steady.offered.has_value();
    });
  });
}

}  // namespace netlimits::analysis
