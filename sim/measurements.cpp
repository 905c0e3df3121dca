#include "sim/measurements.hpp"

#include <algorithm>

namespace netlimits::sim {

Measurements::Measurements(const Scenario& scenario)
    : window_length_(scenario.window), workloads_(scenario.workloads.size()) {}

WindowCount* Measurements::window(PerWorkload& workload, SimTime now) const {
  if (!window_length_) return nullptr;
  const auto index = static_cast<std::size_t>(now.time_since_epoch() / *window_length_);
  auto& windows = workload.result.windows;
  while (windows.size() <= index) {
    windows.push_back({.from = time_zero + *window_length_ * static_cast<std::int64_t>(windows.size())});
  }
  return &windows[index];
}

void Measurements::attempted(std::size_t workload, SimTime now) {
  PerWorkload& counts = workloads_[workload];
  ++counts.result.attempted;
  ++attempts_;
  if (auto* in_window = window(counts, now)) ++in_window->attempted;
}

void Measurements::established(std::size_t workload, SimTime now) {
  PerWorkload& counts = workloads_[workload];
  ++counts.result.established;
  ++counts.open;
  counts.result.peak_open = std::max(counts.result.peak_open, counts.open);
  if (auto* in_window = window(counts, now)) ++in_window->established;
}

void Measurements::failed(std::size_t workload, SimTime now, const FailedAttempt& failure, std::uint64_t under_way) {
  PerWorkload& counts = workloads_[workload];
  ++counts.result.failed;
  if (auto* in_window = window(counts, now)) ++in_window->failed;
  const auto [found, is_new] =
      counts.failure_index.try_emplace({failure.limit, failure.error}, counts.result.failures.size());
  if (is_new) {
    counts.result.failures.push_back({.limit = failure.limit.limit,
                                      .place = failure.limit.place,
                                      .error = failure.error,
                                      .count = 0,
                                      .first_at = now,
                                      .first_after_established = counts.result.established + under_way});
  }
  ++counts.result.failures[found->second].count;
  keep_first(first_failure_, {now, order_++, failure.limit});
}

void Measurements::closed(std::size_t workload) { --workloads_[workload].open; }

void Measurements::lost(std::size_t workload) { ++workloads_[workload].result.lost; }

void Measurements::reconnected(std::size_t workload) { ++workloads_[workload].result.reconnected; }

void Measurements::silently_refused(const PlacedLimit& limit, SimTime now) {
  meters_.refused(limit, now);
  keep_first(first_silent_refusal_, {now, order_++, limit});
}

void Measurements::keep_first(std::optional<Candidate>& kept, const Candidate& candidate) {
  if (!kept || std::pair(candidate.at, candidate.order) < std::pair(kept->at, kept->order)) kept = candidate;
}

void Measurements::write(RunResult& result, const std::vector<std::string>& workload_names,
                         std::uint64_t unserved) const {
  for (std::size_t i = 0; i < workloads_.size(); ++i) {
    WorkloadResult& written = result.workloads[workload_names[i]];
    written = workloads_[i].result;
    written.open_at_end = workloads_[i].open;
    put_in_printed_order(written.failures);
  }
  meters_.write(result);
  std::optional<Candidate> binding = first_failure_;
  if (first_silent_refusal_ && (first_failure_ || unserved > 0)) keep_first(binding, *first_silent_refusal_);
  if (binding) result.binding = binding->limit;
}

}  // namespace netlimits::sim
