// What is compared is always a count or a moment of the run with the same one of the analysis.
#include "report/sentence/run_beside_analysis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "report/forms/number_text.hpp"
#include "report/sentence/churn_words.hpp"

namespace netlimits::report {
namespace {

std::vector<std::string> sharers(const analysis::SteadyState& steady) {
  return steady.together.empty() ? std::vector<std::string>{steady.workload} : steady.together;
}

const Failure* first_at(const RunResult& result, const std::vector<std::string>& workloads, const PlacedLimit& limit) {
  const Failure* first = nullptr;
  for (const std::string& name : workloads) {
    const auto found = result.workloads.find(name);
    if (found == result.workloads.end()) continue;
    for (const Failure& failure : found->second.failures) {
      if (failure.limit != limit.limit || failure.place != limit.place) continue;
      if (first == nullptr || failure.first_at < first->first_at) first = &failure;
    }
  }
  return first;
}

// The count is of all that use the place.
bool is_refuted(const Scenario& scenario, const RunResult& result, const analysis::SteadyState& steady) {
  const auto& after = steady.first_failure_after ? steady.first_failure_after : steady.would_fail_after;
  if (!after) return false;
  const Wiring wiring(scenario);
  std::uint64_t established = 0;
  std::uint64_t failed = 0;
  for (const auto& [name, counts] : result.workloads) {
    if (!uses_place(wiring, scenario.workloads.at(name), {steady.limit, steady.place})) continue;
    established += counts.established;
    failed += counts.failed;
  }
  return failed == 0 && established > after->max;
}

}  // namespace

const Failure* told_of(const Scenario& scenario, const RunResult& result, const PlacedLimit& binding) {
  const Failure* first = nullptr;
  for (const auto& [name, workload] : result.workloads) {
    for (const Failure& failure : workload.failures) {
      if (failure.limit != binding.limit) continue;
      if (at_full_queue(scenario, {failure.limit, failure.place}, result.limits).place != binding.place) continue;
      if (first == nullptr || failure.first_at < first->first_at) first = &failure;
    }
  }
  return first;
}

analysis::Capacity not_refuted(const Scenario& scenario, const RunResult& result, analysis::Capacity capacity) {
  const auto refuted = std::erase_if(
      capacity.steady_state, [&](const analysis::SteadyState& steady) { return is_refuted(scenario, result, steady); });
  if (refuted == 0) return capacity;
  capacity.binding.clear();
  capacity.ladder.clear();
  return capacity;
}

bool held_more_than(const RunResult& result, const analysis::Interval& count) { return result.held_peak > count.max; }

std::optional<PlacedLimit> used_up(const RunResult& result) {
  const LimitUse* first = nullptr;
  for (const LimitUse& use : result.limits) {
    if (use.limit != Limit::fd_per_process && use.limit != Limit::fd_per_host) continue;
    if (!use.first_exhausted_at) continue;
    if (first == nullptr || *use.first_exhausted_at < *first->first_exhausted_at) first = &use;
  }
  return first == nullptr ? std::nullopt : std::optional(PlacedLimit{first->limit, first->place});
}

std::string when_met(const RunResult& result, const analysis::SteadyState& steady) {
  const std::vector<std::string> workloads = sharers(steady);
  const Failure* met = first_at(result, workloads, narrowest(steady));
  if (met == nullptr) return {};
  if (workloads.size() > 1) return "at " + moment(met->first_at);
  return after_so_many(analysis::Interval::exactly(met->first_after_established), met->first_at);
}

}  // namespace netlimits::report
