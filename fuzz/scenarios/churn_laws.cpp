// Short connections in a run, beside what the closed forms claim of them.
#include <fmt/format.h>

#include <algorithm>

#include "fuzz/scenarios/scenario_laws.hpp"
#include "model/scenario/listening.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::fuzz {
namespace {

bool is_followed(const Scenario& scenario) {
  return scenario.events.empty() && !scenario.end &&
         std::all_of(scenario.workloads.begin(), scenario.workloads.end(), [](const auto& named) {
           return named.second.retry.attempts == 0 && !named.second.retry.reconnect;
         });
}

bool some_end(const Scenario& scenario) {
  return std::any_of(scenario.workloads.begin(), scenario.workloads.end(),
                     [](const auto& named) { return !std::holds_alternative<HoldForever>(named.second.hold); });
}

// A SYN that was dropped comes again later than its connection was meant to begin.
bool some_were_late(const RunResult& result) {
  return std::any_of(result.hosts.begin(), result.hosts.end(),
                     [](const auto& named) { return named.second.listen_drops > 0; }) ||
         std::any_of(result.limits.begin(), result.limits.end(), [](const LimitUse& use) {
           return use.exhausted && (use.limit == Limit::nat_ports || use.limit == Limit::nat_block ||
                                    use.limit == Limit::conntrack_entries);
         });
}

std::uint64_t let_through(const Scenario& scenario, const RunResult& result) {
  const Wiring wiring(scenario);
  std::uint64_t sum = 0;
  for (const auto& [name, count] : result.first_break->let_through) {
    if (uses_place(wiring, scenario.workloads.at(name), *result.binding)) sum += count;
  }
  return sum;
}

}  // namespace

std::vector<BrokenLaw> broken_churn_claims(const Scenario& scenario, const RunResult& result,
                                           const CapacityClaim& claim) {
  std::vector<BrokenLaw> broken;
  if (!is_followed(scenario) || !some_end(scenario)) return broken;
  std::uint64_t failed = 0;
  for (const auto& [name, workload] : result.workloads) failed += workload.failed;
  const bool late = some_were_late(result);
  if (claim.nothing_breaks && failed > 0 && !late)
    broken.push_back({"nothing-breaks", fmt::format("{} failed, and nothing breaks by the claim", failed)});
  if (!late && result.held_peak > claim.held_most)
    broken.push_back(
        {"held-above-claim", fmt::format("{} held, at most {} claimed", result.held_peak, claim.held_most)});
  for (const ClaimedFailure& one : claim.failures) {
    if (failed == 0 && !one.open && !late)
      broken.push_back({"breaks-by-the-claim", fmt::format("none failed, and {} at {} breaks by the claim",
                                                           name_of(one.limit), one.place.text())});
    if (!result.binding || result.binding->limit != one.limit || result.binding->place != one.place || late) continue;
    const SimTime at = result.first_break->at;
    const std::uint64_t after = let_through(scenario, result);
    const bool in_time = !one.at || *one.at == at || (one.after_least < one.after_most && *one.at <= at);
    // Those of several workloads may share the place and not the pool: hosts of a group have one place.
    const bool counted = after >= one.after_least && (after <= one.after_most || scenario.workloads.size() > 1);
    if (!in_time || !counted)
      broken.push_back({"first-failure", fmt::format("after {} at {}, after {} to {} at {} claimed", after,
                                                     at.time_since_epoch().count(), one.after_least, one.after_most,
                                                     one.at ? one.at->time_since_epoch().count() : -1)});
  }
  return broken;
}

}  // namespace netlimits::fuzz
