#include "sim/measurements.hpp"

#include <algorithm>
#include <tuple>

namespace netlimits::sim {

Limit limit_behind(const Refusal& refusal, const std::optional<DropReason>& drop_reason) {
  const bool refused = refusal.error == Error::econnrefused || refusal.error == Error::wsaeconnrefused;
  // What a balancer resets because its back end is down was lost there, though its client is told of a refusal.
  const bool lost_before = drop_reason && (drop_reason->answered || drop_reason->limit == Limit::back_end_down);
  if (refused && lost_before) return drop_reason->limit;
  if (refusal.limit) return *refusal.limit;
  if (drop_reason) return drop_reason->limit;
  switch (refusal.error) {
    case Error::econnrefused:
    case Error::wsaeconnrefused:
      return Limit::no_listener;
    case Error::econnreset:
    case Error::wsaeconnreset:
      return Limit::listen_backlog;  // tcp_abort_on_overflow, or a system that refuses
    default:
      return Limit::no_route;
  }
}

Measurements::Measurements(const Scenario& scenario)
    : window_length_(scenario.window),
      of_clients_(scenario.workloads.size()),
      workloads_(scenario.workloads.size() + scenario.proxies.size()),
      established_by_then_(workloads_.size()) {}

WindowCount* Measurements::window(PerWorkload& workload, SimTime now) const {
  if (!window_length_) return nullptr;
  const SimTime from = now - now.time_since_epoch() % *window_length_;
  auto& windows = workload.result.windows;
  if (windows.empty() || windows.back().from != from) windows.push_back({.from = from});
  return &windows.back();
}

std::uint64_t Measurements::windows_so_far() const {
  std::uint64_t count = 0;
  for (const PerWorkload& workload : workloads_) {
    if (workload.result.windows.empty()) continue;
    count += static_cast<std::uint64_t>(workload.result.windows.back().from.time_since_epoch() / *window_length_) + 1;
  }
  return count;
}

std::vector<WindowCount> Measurements::with_empty_ones(const std::vector<WindowCount>& windows) const {
  std::vector<WindowCount> all;
  for (const WindowCount& window : windows) {
    while (time_zero + *window_length_ * static_cast<std::int64_t>(all.size()) < window.from)
      all.push_back({.from = time_zero + *window_length_ * static_cast<std::int64_t>(all.size())});
    all.push_back(window);
  }
  return all;
}

std::uint64_t Measurements::attempted(std::size_t workload, SimTime now) {
  PerWorkload& counts = workloads_[workload];
  ++attempts_;
  if (auto* in_window = window(counts, now)) ++in_window->attempted;
  return counts.result.attempted++;
}

void Measurements::established(std::size_t workload, std::uint64_t attempt, SimTime now) {
  PerWorkload& counts = workloads_[workload];
  for (const auto& [failure, begun] : counts.refused_at_once) {
    if (attempt < begun) ++counts.result.failures[failure].first_after_established;
  }
  if (first_failure_ && attempt < first_failure_->begun[workload]) ++first_failure_->established[workload];
  ++counts.result.established;
  established_by_then_.established(workload);
  ++counts.open;
  counts.result.peak_open = std::max(counts.result.peak_open, counts.open);
  if (workload < of_clients_) {
    ++open_;
    ++established_;
    note_held();
  }
  if (auto* in_window = window(counts, now)) ++in_window->established;
}

void Measurements::failed(std::size_t workload, SimTime now, const FailedAttempt& failure) {
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
                                      .first_after_established = counts.result.established});
    if (failure.at_once) counts.refused_at_once.emplace_back(found->second, counts.result.attempted);
  }
  ++counts.result.failures[found->second].count;
  keep_first_failure(now, failure.limit, failure.at_once);
}

void Measurements::closed(std::size_t workload) {
  --workloads_[workload].open;
  if (workload < of_clients_) --open_;
}

void Measurements::lost(std::size_t workload) { ++workloads_[workload].result.lost; }

void Measurements::reconnected(std::size_t workload) {
  ++workloads_[workload].result.reconnected;
  ++reconnections_;
}

void Measurements::accepted() {
  ++accepted_;
  ++at_servers_;
  note_held();
}

void Measurements::ended_at_server(std::uint64_t connections) { at_servers_ -= connections; }

void Measurements::came_to_nothing(const PlacedLimit& limit, const Moment& refused) {
  keep_first(first_unserved_, limit, refused);
}

void Measurements::dropped_unheard(const PlacedLimit& limit, const Moment& dropped) {
  keep_first(first_unheard_, limit, dropped);
}

void Measurements::untold(const PlacedLimit& limit, const DropReason& why) {
  if (first_untold_ && std::tie(first_untold_->first_dropped_at, first_untold_->limit) <= std::tie(why.first_at, limit))
    return;
  first_untold_ = Untold{why.first_at, limit, why.behind};
}

bool Measurements::comes_before(const Candidate& candidate, const std::optional<Candidate>& kept) {
  return !kept || std::pair(candidate.at, candidate.order) < std::pair(kept->at, kept->order);
}

void Measurements::keep_first_failure(SimTime now, const PlacedLimit& limit, bool at_once) {
  Candidate candidate{.at = now, .order = order_++, .limit = limit};
  if (!comes_before(candidate, first_failure_)) return;
  for (const PerWorkload& workload : workloads_) {
    candidate.established.push_back(workload.result.established);
    candidate.begun.push_back(at_once ? workload.result.attempted : 0);
  }
  first_failure_ = std::move(candidate);
}

void Measurements::keep_first(std::optional<Candidate>& kept, const PlacedLimit& limit, const Moment& unheard) {
  Candidate candidate{.at = unheard.at, .order = unheard.order, .limit = limit, .unheard = true};
  if (!comes_before(candidate, kept)) return;
  candidate.established = unheard.established.counts();
  kept = std::move(candidate);
}

void Measurements::write(RunResult& result, const std::vector<std::string>& names, std::uint64_t waiting) const {
  for (std::size_t i = 0; i < workloads_.size(); ++i) {
    WorkloadResult& written = (i < of_clients_ ? result.workloads : result.proxies)[names[i]];
    written = workloads_[i].result;
    written.open_at_end = workloads_[i].open;
    if (window_length_) written.windows = with_empty_ones(workloads_[i].result.windows);
    put_in_printed_order(written.failures);
  }
  meters_.write(result);
  result.held_peak = held_peak_;
  result.believed_at_end = open_ - std::min(open_, at_servers_ + waiting);
  std::optional<Candidate> binding = first_failure_;
  if (first_unserved_ && comes_before(*first_unserved_, binding)) binding = first_unserved_;
  // A port that comes again hides who it was that no server had.
  if (!binding && established_ > accepted_ + waiting) binding = first_unheard_;
  if (!binding && first_untold_ && first_untold_->behind)
    keep_first(binding, first_untold_->behind->limit, first_untold_->behind->when);
  if (!binding) {
    if (first_untold_) result.binding = first_untold_->limit;
    result.untold = first_untold_.has_value();
    return;
  }
  result.binding = binding->limit;
  result.first_break = FirstBreak{.at = binding->at, .refused = binding->unheard ? 1U : 0U};
  for (std::size_t i = 0; i < of_clients_; ++i) result.first_break->let_through[names[i]] = binding->established[i];
}

}  // namespace netlimits::sim
