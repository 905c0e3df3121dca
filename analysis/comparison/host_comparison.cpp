// The server side of a comparison: what each host's processes took and hold, and what its kernel counted.
#include <algorithm>
#include <optional>

#include "analysis/comparison/compared_sides.hpp"

namespace netlimits::analysis {
namespace {

constexpr const char* by_retries_of_programs =
    "how often a program tries again is its own affair; that it was refused agrees";
constexpr const char* by_counted_syns =
    "every repeated SYN counts again, and how often it is repeated follows the clock";

class HostComparison {
 public:
  HostComparison(const ComparedSides& sides, const std::string& name, const HostResult& host, CheckList& checks)
      : sides_(sides), name_(name), host_(host), checks_(checks), at_("/hosts/" + pointer_part(name)) {
    const auto found = sides.observed.hosts.find(name);
    if (found != sides.observed.hosts.end()) seen_ = &found->second;
  }

  void run() {
    for (const auto& [process_name, process] : host_.processes) {
      const ProcessResult* other = nullptr;
      if (seen_ != nullptr) {
        const auto found = seen_->processes.find(process_name);
        if (found != seen_->processes.end()) other = &found->second;
      }
      compare_process(process_name, process, other);
    }
    compare_counters();
    compare_time_wait();
  }

 private:
  const Dealt* dealt(const std::string& process) const {
    const auto& dealt = sides_.variation.dealt;
    return dealt && dealt->host == name_ && dealt->process == process ? &*dealt : nullptr;
  }

  void compare_process(const std::string& name, const ProcessResult& process, const ProcessResult* found) {
    const std::string at = at_ + "/processes/" + pointer_part(name);
    const bool serves = process.accepted + process.queued_at_end + process.refused_accepts > 0 ||
                        (found != nullptr && found->accepted > 0);
    const Shares shares = shares_of(sides_.scenario, name_, name, process);
    if (serves && (!sides_.tolerances.sees_servers || found == nullptr)) {
      checks_.unseen(at + "/accepted", process.accepted, "the server was not observed");
    } else if (serves) {
      compare_accepted(at, name, process, *found);
      compare_spread(at, name, shares, *found);
      compare_refusals(at, name, process, *found, shares);
    }
    compare_descriptors(at, name, process, found, shares);
  }

  void compare_accepted(const std::string& at, const std::string& name, const ProcessResult& process,
                        const ProcessResult& found) {
    const Variation& variation = sides_.variation;
    if (const Dealt* bounds = dealt(name)) {
      checks_.within(at + "/accepted", bounds->accepted, found.accepted, variation.hashed_why);
      checks_.within(at + "/queued_at_end", bounds->queued, found.queued_at_end, variation.hashed_why);
    } else if (variation.hashed) {
      checks_.equal_or_open(at + "/accepted", process.accepted, found.accepted, variation.hashed_why);
    } else if (variation.repeated_syns) {
      checks_.near_or_open(at + "/accepted", process.accepted, found.accepted, by_repeated_syns);
      checks_.near_or_open(at + "/queued_at_end", process.queued_at_end, found.queued_at_end, by_repeated_syns);
    } else if (variation.timed) {
      checks_.near(at + "/accepted", process.accepted, found.accepted, by_clock);
      checks_.near_or_open(at + "/queued_at_end", process.queued_at_end, found.queued_at_end, by_clock);
    } else if (const std::uint64_t spread = sides_.spread(); spread > 0) {
      checks_.within(at + "/accepted", around(process.accepted, spread), found.accepted, by_odd_range);
      checks_.within(at + "/queued_at_end", around(process.queued_at_end, spread), found.queued_at_end, by_odd_range);
    } else {
      checks_.exact(at + "/accepted", process.accepted, found.accepted);
      checks_.exact(at + "/queued_at_end", process.queued_at_end, found.queued_at_end);
    }
  }

  void compare_spread(const std::string& at, const std::string& name, const Shares& shares,
                      const ProcessResult& found) {
    if (shares.instances <= 1) return;
    if (const Dealt* bounds = dealt(name)) {
      checks_.within(at + "/accepted_least", bounds->least, found.accepted_least, sides_.variation.hashed_why);
      checks_.within(at + "/accepted_most", bounds->most, found.accepted_most, sides_.variation.hashed_why);
    } else if (!sides_.variation.hashed) {
      checks_.within(at + "/accepted_least", shares.least, found.accepted_least, by_draw);
      checks_.within(at + "/accepted_most", shares.most, found.accepted_most, by_draw);
    }
  }

  void compare_refusals(const std::string& at, const std::string& name, const ProcessResult& process,
                        const ProcessResult& found, const Shares& shares) {
    const Dealt* bounds = dealt(name);
    // Where the draw may give each process no more than it can take, it decides whether any was refused.
    if (bounds != nullptr && bounds->accepted.max == bounds->connections) return;
    if (bounds == nullptr && sides_.variation.hashed) {
      return checks_.equal_or_open(at + "/refused_accepts", process.refused_accepts, found.refused_accepts,
                                   sides_.variation.hashed_why);
    }
    if (shares.instances > 1 && process.refused_accepts == 0)
      return checks_.equal_or_open(at + "/refused_accepts", 0, found.refused_accepts, by_draw);
    checks_.happened(at + "/refused_accepts", process.refused_accepts, found.refused_accepts, by_retries_of_programs);
  }

  void compare_descriptors(const std::string& at, const std::string& name, const ProcessResult& process,
                           const ProcessResult* found, const Shares& shares) {
    if (process.descriptors_peak == 0) return;
    const std::string metric = at + "/descriptors_peak";
    if (!sides_.tolerances.sees_descriptors || found == nullptr)
      return checks_.unseen(metric, process.descriptors_peak, "descriptors were not observed");
    const std::uint64_t seen = found->descriptors_peak;
    const Variation& variation = sides_.variation;
    const bool serves = process.accepted > 0;
    if (const Dealt* bounds = dealt(name)) {
      const std::uint64_t fixed = process.descriptors_peak - std::min(process.descriptors_peak, process.accepted_most);
      return checks_.within(metric, {fixed + bounds->most.min, fixed + bounds->most.max}, seen, variation.hashed_why);
    }
    if (variation.hashed) return checks_.equal_or_open(metric, process.descriptors_peak, seen, variation.hashed_why);
    if (sides_.connections_end()) {
      // A process whose limit is met has no more than that, however busy the machine is.
      const auto bounded = [&](Interval interval) {
        if (process.descriptors_limit != 0) interval.max = std::min(interval.max, process.descriptors_limit);
        interval.max = std::max(interval.max, interval.min);
        return interval;
      };
      const Interval inner = around(process.descriptors_peak, sides_.gather_in(sides_.tolerances.turn));
      const Interval outer = around(process.descriptors_peak, sides_.gather_in(sides_.tolerances.late));
      return checks_.within_reason(metric, process.descriptors_peak, bounded(inner), bounded(outer), seen, by_turns);
    }
    if (serves && shares.instances > 1 && process.accepted_most <= process.descriptors_peak) {
      const std::uint64_t fixed = process.descriptors_peak - process.accepted_most;
      // Of a program that connects as well, who connects need not be who accepts.
      const std::uint64_t least = connects(name) ? 0 : shares.most.min;
      return checks_.within(metric, {fixed + least, fixed + shares.most.max}, seen, by_draw);
    }
    if (variation.timed || variation.retries || variation.repeated_syns)
      return checks_.near_or_open(metric, process.descriptors_peak, seen, by_clock);
    if (const std::uint64_t spread = sides_.spread(); spread > 0)
      return checks_.within(metric, around(process.descriptors_peak, spread), seen, by_odd_range);
    checks_.exact(metric, process.descriptors_peak, seen);
  }

  bool connects(const std::string& process) const {
    return std::any_of(sides_.scenario.workloads.begin(), sides_.scenario.workloads.end(), [&](const auto& workload) {
      return workload.second.from_host == name_ && workload.second.from_process == process;
    });
  }

  void compare_counters() {
    const bool looked = sides_.tolerances.sees_counters && seen_ != nullptr;
    const auto& dealt = sides_.variation.dealt;
    const bool drops_by_draw = dealt && dealt->host == name_ && dealt->turned_away.min == 0;
    const auto one = [&](const char* key, std::uint64_t HostResult::*counter) {
      const std::uint64_t predicted = host_.*counter;
      if (!looked) {
        if (predicted > 0) checks_.unseen(at_ + key, predicted, "the host's counters were not observed");
        return;
      }
      if (predicted == 0 && seen_->*counter == 0) return;
      const bool of_queues = counter == &HostResult::listen_drops || counter == &HostResult::listen_overflows;
      if (of_queues && predicted == 0 && sides_.queue_may_fill(name_))
        return checks_.unseen(at_ + key, predicted, by_moments);
      if (drops_by_draw && of_queues) return;
      checks_.happened(at_ + key, predicted, seen_->*counter, by_counted_syns);
    };
    one("/listen_drops", &HostResult::listen_drops);
    one("/listen_overflows", &HostResult::listen_overflows);
    one("/time_wait_overflows", &HostResult::time_wait_overflows);
  }

  void compare_time_wait() {
    const std::uint64_t peak = seen_ != nullptr ? seen_->time_wait_peak : 0;
    const std::uint64_t left = seen_ != nullptr ? seen_->time_wait_at_end : 0;
    if (host_.time_wait_peak == 0 && peak == 0) return;
    if (!sides_.tolerances.sees_time_wait || seen_ == nullptr)
      return checks_.unseen(at_ + "/time_wait_peak", host_.time_wait_peak, "TIME_WAIT was not observed");
    if (sides_.variation.repeated_syns) {
      checks_.near_or_open(at_ + "/time_wait_at_end", host_.time_wait_at_end, left, by_repeated_syns);
      checks_.near_or_open(at_ + "/time_wait_peak", host_.time_wait_peak, peak, by_repeated_syns);
      return;
    }
    if (sides_.variation.timed) {
      checks_.near_or_open(at_ + "/time_wait_at_end", host_.time_wait_at_end, left, by_clock);
      checks_.near(at_ + "/time_wait_peak", host_.time_wait_peak, peak, by_clock);
      return;
    }
    // A kernel lets entries go a little after 60 s, the model at 60 s.
    const bool all_young = sides_.predicted.ended_at.time_since_epoch() < std::chrono::seconds(60);
    if (all_young)
      checks_.exact(at_ + "/time_wait_at_end", host_.time_wait_at_end, left);
    else
      checks_.near_or_open(at_ + "/time_wait_at_end", host_.time_wait_at_end, left, by_clock);
    // Entries that are taken over or end early are seen where somebody looks at that moment.
    if (host_.time_wait_at_end < host_.time_wait_peak)
      return checks_.within(at_ + "/time_wait_peak", {host_.time_wait_at_end, host_.time_wait_peak}, peak, by_sampling);
    checks_.exact(at_ + "/time_wait_peak", host_.time_wait_peak, peak);
  }

  const ComparedSides& sides_;
  const std::string& name_;
  const HostResult& host_;
  CheckList& checks_;
  std::string at_;
  const HostResult* seen_ = nullptr;
};

}  // namespace

void compare_host(const ComparedSides& sides, const std::string& name, const HostResult& host, CheckList& checks) {
  HostComparison(sides, name, host, checks).run();
}

}  // namespace netlimits::analysis
