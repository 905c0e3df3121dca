// Asks the two engines, compares, and withholds what the observer could not see.
#include "analysis/comparison/validation.hpp"

#include <chrono>
#include <iterator>
#include <map>
#include <utility>

#include "analysis/withheld.hpp"

namespace netlimits::analysis {
namespace {

constexpr const char* by_round_trips = "the scenario's round trips count here, and a sandbox cannot delay packets";

// The predictions with and without round trips, held against each other as an observation would be.
void put_own_beside(const Twin& twin, const RunResult& predicted, const RunResult& own, std::vector<Check>& checks) {
  std::vector<Check> apart = compare(twin.scenario, own, predicted);
  std::map<std::string, Check*> by_metric;
  for (Check& check : checks) by_metric.emplace(check.metric, &check);
  std::vector<Check> more;
  for (Check& one : apart) {
    const auto found = by_metric.find(one.metric);
    if (found == by_metric.end()) {
      if (one.verdict == CheckVerdict::agrees) continue;
      one.observed = {};
      one.verdict = CheckVerdict::not_determined;
      one.why = by_round_trips;
      more.push_back(std::move(one));
    } else if (one.verdict == CheckVerdict::differs && found->second->verdict == CheckVerdict::agrees) {
      found->second->predicted = one.predicted;
      found->second->verdict = CheckVerdict::not_determined;
      found->second->why = by_round_trips;
    }
  }
  std::move(more.begin(), more.end(), std::back_inserter(checks));
}

// What is there together when connections begin seconds late is another scenario's figure.
void leave_peaks_open(Duration lateness, std::vector<Check>& checks) {
  constexpr Duration bearable = std::chrono::seconds(1);
  if (lateness <= bearable) return;
  for (Check& check : checks) {
    const bool peak =
        check.metric.ends_with("peak") || check.metric.ends_with("/peak_open") || check.metric.ends_with("/exhausted");
    if (!peak || check.verdict != CheckVerdict::differs) continue;
    check.verdict = CheckVerdict::not_determined;
    check.why = "connections began seconds late here, so that others were there together";
  }
}

}  // namespace

Validation validate(const Twin& twin, const RunResult& predicted, Observation observed,
                    const OtherPredictions& others) {
  Validation validation;
  if (!observed.ran) {
    validation.not_asked = observed.undetermined.empty() ? "no reason given" : observed.undetermined.front().why;
    return validation;
  }
  validation.kernel = std::move(observed.kernel);
  Tolerances tolerances = Tolerances().on_a_machine_late_by(observed.lateness);
  tolerances.tells_pools = observed.tells_pools;
  validation.checks = compare(twin.scenario, predicted, observed.result, tolerances);
  allow_other_orders(twin.scenario, predicted, others.in_turns, validation.checks);
  leave_peaks_open(observed.lateness, validation.checks);
  if (others.own) put_own_beside(twin, predicted, *others.own, validation.checks);
  for (const Undetermined& unseen : observed.undetermined) withhold(validation.checks, unseen.pointer, unseen.why);
  validation.remarks = twin.changes;
  validation.remarks.insert(validation.remarks.end(), observed.remarks.begin(), observed.remarks.end());
  return validation;
}

}  // namespace netlimits::analysis
