// By the share of the ports that is left beside them.
#include "analysis/churn/taken_for_a_while.hpp"

#include <algorithm>

#include "model/net/bounded_time.hpp"
#include "model/systems/os_profile.hpp"

namespace netlimits::analysis {
namespace {

// Of each of its pools, at the least.
std::uint64_t ports_at_first(const SteadyState& state, const PlannedWorkload& workload) {
  std::uint64_t least = state.ports.min;
  if (workload.host->held_connections.empty()) return least;
  for (std::size_t i = 0; i < workload.destinations(); ++i) {
    const auto kind = pool_kind(workload.host->profile->rules, workload.workload->bind, workload.local_address(0, i));
    if (kind) least = std::min(least, automatic_ports(*workload.host, *kind, workload.workload->to[i]).min);
  }
  return least;
}

std::uint64_t taken_by_bursts(const Scenario& scenario, const Wiring& wiring, const PlacedLimit& place) {
  std::uint64_t taken = 0;
  for (const auto& [name, workload] : scenario.workloads) {
    const bool burst = !asked_rate(workload) && !std::holds_alternative<HoldForever>(workload.hold);
    if (burst && uses_place(wiring, workload, place)) taken = bounded_sum(taken, workload.connections);
  }
  return taken;
}

}  // namespace

void leave_room(std::vector<SteadyState>& states, const Scenario& scenario, const ClientPlan& plan,
                const Wiring& wiring) {
  for (SteadyState& state : states) {
    const auto planned = std::find_if(plan.workloads.begin(), plan.workloads.end(),
                                      [&](const PlannedWorkload& one) { return one.workload->name == state.workload; });
    if (planned == plan.workloads.end() || planned->names_ports() || !state.offered) continue;
    const std::uint64_t at_first = ports_at_first(state, *planned);
    const std::uint64_t left =
        at_first - std::min(at_first, taken_by_bursts(scenario, wiring, {state.limit, state.place}));
    if (left >= state.ports.min) continue;
    const SustainedRate sure = part_of(state.sustained, left, state.ports.min);
    if (!state.sure_up_to || above(*state.sure_up_to, sure)) state.sure_up_to = sure;
  }
}

}  // namespace netlimits::analysis
