// The first thing that went wrong, in words.
#include "analysis/plan/proof.hpp"

#include <fmt/format.h>

namespace netlimits::analysis {
namespace {

std::string what_failed(const RunResult& result) {
  for (const auto& [name, workload] : result.workloads) {
    if (workload.failures.empty()) continue;
    const Failure& first = workload.failures.front();
    return fmt::format("{} of {} fail: {} ({}, {})", workload.failed, name, name_of(first.limit), first.place.text(),
                       name_of(first.error));
  }
  return {};
}

std::string who_waits(const Scenario& scenario, const RunResult& result) {
  for (const auto& [name, workload] : result.workloads) {
    if (workload.pending_at_end > 0 && !scenario.end)
      return fmt::format("{} of {} are still connecting in the end", workload.pending_at_end, name);
    if (workload.lost + workload.vanished > 0)
      return fmt::format("{} of {} are lost", workload.lost + workload.vanished, name);
  }
  for (const auto& [name, host] : result.hosts) {
    for (const auto& [process, seen] : host.processes) {
      if (seen.queued_at_end > 0 && !scenario.end)
        return fmt::format("{} wait for {}/{} to accept them", seen.queued_at_end, name, process);
    }
  }
  if (result.believed_at_end > 0 && !scenario.end)
    return fmt::format("{} are there for their clients alone", result.believed_at_end);
  return {};
}

}  // namespace

Proof proof_of(const Scenario& scenario, const RunResult& result) {
  Proof proof{.verdict = ProofVerdict::holds, .peak_open = result.held_peak, .runs = 1};
  for (const auto& [name, workload] : result.workloads) proof.established += workload.established;
  proof.why = what_failed(result);
  if (proof.why.empty()) proof.why = who_waits(scenario, result);
  if (proof.why.empty() && result.binding)
    proof.why = fmt::format("{} is met ({})", name_of(result.binding->limit), result.binding->place.text());
  if (!proof.why.empty()) proof.verdict = ProofVerdict::fails;
  return proof;
}

Proof together(const Proof& first, const Proof& then) {
  Proof both = first;
  both.runs += then.runs;
  if (first.verdict != ProofVerdict::holds || then.verdict == ProofVerdict::holds) return both;
  both.verdict = then.verdict;
  both.why = then.why;
  return both;
}

}  // namespace netlimits::analysis
