// The client side of a comparison: what became of each workload's connections, when, and with which error.
#include <algorithm>
#include <map>
#include <utility>

#include "analysis/comparison/compared_sides.hpp"
#include "model/systems/error.hpp"

namespace netlimits::analysis {
namespace {

constexpr const char* by_speed = "a kernel's timers and a machine's speed add to it";

std::uint64_t nanoseconds(SimTime at) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, at.time_since_epoch().count()));
}

class WorkloadComparison {
 public:
  WorkloadComparison(const ComparedSides& sides, const std::string& name, const WorkloadResult& workload,
                     const WorkloadResult& seen, CheckList& checks)
      : sides_(sides),
        configuration_(sides.scenario.workloads.at(name)),
        workload_(workload),
        seen_(seen),
        checks_(checks),
        variation_(sides.variation.workloads.at(name)),
        at_("/workloads/" + pointer_part(name)) {
    const auto& dealt = sides.variation.dealt;
    if (dealt && dealt->workload == name) dealt_ = &*dealt;
  }

  void run() {
    compare_counts();
    compare_failures();
    compare_windows();
  }

 private:
  // The bounds of a draw for an amount of this workload, if it has any.
  void count(const char* key, std::uint64_t WorkloadResult::*figure, const Interval* drawn = nullptr) {
    const std::string metric = at_ + key;
    const std::uint64_t predicted = workload_.*figure;
    const std::uint64_t observed = seen_.*figure;
    if (drawn != nullptr) {
      checks_.within(metric, *drawn, observed, sides_.variation.hashed_why);
    } else if (variation_.spread > 0) {
      checks_.within(metric, around(predicted, variation_.spread), observed, by_odd_range);
    } else if (sides_.variation.hashed) {
      checks_.equal_or_open(metric, predicted, observed, sides_.variation.hashed_why);
    } else if (sides_.variation.repeated_syns) {
      checks_.near_or_open(metric, predicted, observed, by_repeated_syns);
    } else if (variation_.timed) {
      checks_.near(metric, predicted, observed, by_clock);
    } else {
      checks_.exact(metric, predicted, observed);
    }
  }

  void compare_counts() {
    Interval failed{};
    if (dealt_ != nullptr) {
      const std::uint64_t otherwise =
          workload_.failed - std::min(workload_.failed, dealt_->connections - dealt_->established.min);
      failed = {dealt_->turned_away.min, dealt_->turned_away.max + otherwise};
    }
    const Interval* const held = dealt_ != nullptr ? &dealt_->established : nullptr;
    if (sides_.variation.retries) {
      checks_.near_or_open(at_ + "/attempted", workload_.attempted, seen_.attempted, by_repetition);
      checks_.near_or_open(at_ + "/failed", workload_.failed, seen_.failed, by_repetition);
    } else {
      const Interval all = Interval::exactly(workload_.attempted);
      count("/attempted", &WorkloadResult::attempted, dealt_ != nullptr ? &all : nullptr);
      count("/failed", &WorkloadResult::failed, dealt_ != nullptr ? &failed : nullptr);
    }
    count("/established", &WorkloadResult::established, held);
    count("/open_at_end", &WorkloadResult::open_at_end, held);
    if (variation_.holds_end) {
      const std::uint64_t turn = most_arrivals_in(configuration_, sides_.tolerances.turn);
      const std::uint64_t late = most_arrivals_in(configuration_, sides_.tolerances.late);
      checks_.within_reason(at_ + "/peak_open", workload_.peak_open, around(workload_.peak_open, turn),
                            around(workload_.peak_open, late), seen_.peak_open, by_turns);
    } else {
      count("/peak_open", &WorkloadResult::peak_open, held);
    }
    if (workload_.lost + seen_.lost > 0) count("/lost", &WorkloadResult::lost);
    if (workload_.reconnected + seen_.reconnected > 0) count("/reconnected", &WorkloadResult::reconnected);
    // An attempt that comes again in the last moment is one of them or is not.
    const bool some_pending = workload_.pending_at_end + seen_.pending_at_end > 0;
    if (some_pending && sides_.variation.retries && sides_.scenario.end) {
      checks_.near_or_open(at_ + "/pending_at_end", workload_.pending_at_end, seen_.pending_at_end, by_repetition);
    } else if (some_pending) {
      count("/pending_at_end", &WorkloadResult::pending_at_end);
    }
    if (workload_.vanished + seen_.vanished > 0) count("/vanished", &WorkloadResult::vanished);
  }

  // ---- failures: a client sees an error, and where; which limit is behind it is the model's own knowledge
  struct FailureSum {
    std::size_t index = 0;  // of the first one in the result
    Error error{};
    Place place{};
    std::uint64_t count = 0;
    SimTime first_at = end_of_time;
    std::uint64_t first_after = 0;
  };

  // In the order of the result.
  static std::vector<FailureSum> summed(const std::vector<Failure>& failures) {
    std::vector<FailureSum> sums;
    std::map<std::pair<Error, Place>, std::size_t> index;
    for (std::size_t i = 0; i < failures.size(); ++i) {
      const auto [found, is_new] = index.try_emplace({failures[i].error, failures[i].place}, sums.size());
      if (is_new) sums.push_back({.index = i, .error = failures[i].error, .place = failures[i].place});
      FailureSum& sum = sums[found->second];
      sum.count += failures[i].count;
      if (failures[i].first_at >= sum.first_at) continue;
      sum.first_at = failures[i].first_at;
      sum.first_after = failures[i].first_after_established;
    }
    return sums;
  }

  static std::string words_of(const FailureSum& sum) {
    return std::string(name_of(sum.error)) + " at " + sum.place.text();
  }

  bool may_be_missing(std::uint64_t count) const {
    return sides_.variation.hashed || sides_.variation.retries || sides_.variation.repeated_syns ||
           (variation_.spread > 0 && variation_.spread >= count);
  }

  // The last ACK of a handshake that meets a full queue is reset where the server's host says so. Where a round trip
  // takes no time no other handshake comes between a SYN and its ACK; on several processors one does.
  bool may_be_reset_by_a_queue(Error error) const {
    if (error != Error::econnreset) return false;
    return std::any_of(sides_.scenario.hosts.begin(), sides_.scenario.hosts.end(), [&](const auto& named) {
      const auto found = sides_.observed.hosts.find(named.first);
      return named.second.settings.abort_on_overflow && found != sides_.observed.hosts.end() &&
             found->second.listen_overflows > 0;
    });
  }

  void compare_failures() {
    const auto predicted = summed(workload_.failures);
    auto observed = summed(seen_.failures);
    for (const FailureSum& sum : predicted) {
      const std::string metric = at_ + "/failures/" + std::to_string(sum.index);
      const auto found = std::find_if(observed.begin(), observed.end(), [&](const FailureSum& seen) {
        return seen.error == sum.error && seen.place == sum.place;
      });
      checks_.about(words_of(sum));
      if (found == observed.end()) {
        compare_missing(metric, sum);
        continue;
      }
      compare_failure_count(metric, sum.count, found->count);
      compare_first_after(metric, sum.error, sum, *found);
      compare_moment(metric + "/first_at_ns", sum.error, sum.first_at, found->first_at);
      observed.erase(found);
    }
    for (const FailureSum& sum : observed) {
      checks_.about(words_of(sum));
      if (dealt_ != nullptr && sum.error == Error::etimedout) {
        checks_.within(at_ + "/failures", dealt_->turned_away, sum.count, sides_.variation.hashed_why);
        continue;
      }
      if (variation_.timed && !may_be_missing(sum.count)) {
        checks_.near(at_ + "/failures", 0, sum.count, by_clock);
        continue;
      }
      if (may_be_reset_by_a_queue(sum.error)) {
        checks_.add(at_ + "/failures", std::uint64_t{0}, sum.count, CheckVerdict::not_determined, by_handshakes);
        continue;
      }
      checks_.add(at_ + "/failures", std::uint64_t{0}, sum.count,
                  may_be_missing(sum.count) ? CheckVerdict::not_determined : CheckVerdict::differs,
                  "this was not predicted");
    }
    checks_.about({});
  }

  void compare_missing(const std::string& metric, const FailureSum& sum) {
    if (dealt_ != nullptr) {
      checks_.within(metric + "/count", dealt_->turned_away, 0, sides_.variation.hashed_why);
      return;
    }
    const bool open = may_be_missing(sum.count);
    if (variation_.timed && !open) return checks_.near(metric + "/count", sum.count, 0, by_clock);
    checks_.add(metric + "/count", sum.count, std::uint64_t{0},
                open ? CheckVerdict::not_determined : CheckVerdict::differs, "this was predicted and not seen");
  }

  void compare_failure_count(const std::string& metric, std::uint64_t predicted, std::uint64_t observed) {
    const std::string key = metric + "/count";
    if (dealt_ != nullptr) return checks_.within(key, dealt_->turned_away, observed, sides_.variation.hashed_why);
    if (variation_.spread > 0) return checks_.within(key, around(predicted, variation_.spread), observed, by_odd_range);
    if (sides_.variation.hashed) return checks_.equal_or_open(key, predicted, observed, sides_.variation.hashed_why);
    if (sides_.variation.retries) return checks_.near_or_open(key, predicted, observed, by_repetition);
    if (sides_.variation.repeated_syns) return checks_.near_or_open(key, predicted, observed, by_repeated_syns);
    variation_.timed ? checks_.near(key, predicted, observed, by_clock) : checks_.exact(key, predicted, observed);
  }

  // After how many the first failure comes. One program meets its limits in order; of several the one that is served
  // first decides, and an answer that a timer gives comes when all else has happened.
  void compare_first_after(const std::string& metric, Error error, const FailureSum& predicted,
                           const FailureSum& observed) {
    const std::string key = metric + "/first_after_established";
    const HostGroup& host = sides_.scenario.hosts.at(configuration_.from_host);
    std::uint64_t programs = host.count;
    for (const Process& process : host.processes) {
      if (process.name == configuration_.from_process) programs *= process.count;
    }
    const bool by_timer = error == Error::etimedout || error == Error::wsaetimedout;
    if (sides_.variation.hashed || sides_.variation.retries || variation_.timed || sides_.variation.repeated_syns ||
        sides_.connections_end())
      return checks_.near_or_open(key, predicted.first_after, observed.first_after, by_clock);
    if (programs > 1 || by_timer || workload_.failures.size() > 1) {
      return checks_.near_or_open(key, predicted.first_after, observed.first_after,
                                  "which of several is served first decides");
    }
    if (variation_.spread > 0)
      return checks_.within(key, around(predicted.first_after, variation_.spread), observed.first_after, by_odd_range);
    checks_.exact(key, predicted.first_after, observed.first_after);
  }

  // Refusals that a call gives at once come as early as the calls do. Those that a timer gives come when the timer
  // ends.
  void compare_moment(const std::string& metric, Error error, SimTime predicted, SimTime observed) {
    const bool by_timer = error == Error::etimedout || error == Error::wsaetimedout;
    const bool at_once = std::holds_alternative<AtOnce>(configuration_.arrivals);
    const std::uint64_t due = nanoseconds(predicted);
    const auto early = static_cast<std::uint64_t>(sides_.tolerances.early.count());
    const auto late = static_cast<std::uint64_t>(sides_.tolerances.late.count());
    const Interval interval{due > early ? due - early : 0, due + late + due / 1000 * sides_.tolerances.late_per_mille};
    const bool inside = interval.contains(nanoseconds(observed));
    if (!inside && at_once && !by_timer) {
      return checks_.add(metric, due, nanoseconds(observed), CheckVerdict::not_determined,
                         "all connections begin at one instant: how long a machine takes for them is its own affair");
    }
    if (!inside && sides_.queue_filled_for_a_moment())
      return checks_.add(metric, interval, nanoseconds(observed), CheckVerdict::not_determined, by_moments);
    checks_.add(metric, interval, nanoseconds(observed), inside ? CheckVerdict::agrees : CheckVerdict::differs,
                by_speed);
  }

  // ---- windows: what is late shows in a later one. So each sum up to a window's end has to lie between the predicted
  // sums a little before and after.
  void compare_windows() {
    if (!sides_.scenario.window) return;
    using Member = std::uint64_t WindowCount::*;
    const std::size_t windows = std::max(workload_.windows.size(), seen_.windows.size());
    for (const auto& [key, member] : {std::pair<const char*, Member>("attempted", &WindowCount::attempted),
                                      std::pair<const char*, Member>("established", &WindowCount::established),
                                      std::pair<const char*, Member>("failed", &WindowCount::failed)}) {
      std::vector<std::uint64_t> until{0};  // predicted, up to the end of each window
      for (std::size_t i = 0; i < windows; ++i) until.push_back(until.back() + in_window(workload_.windows, i, member));
      std::uint64_t observed_before = 0;
      for (std::size_t i = 0; i < windows; ++i) {
        const std::uint64_t observed = in_window(seen_.windows, i, member);
        if (until[i + 1] != until[i] || observed != 0)
          compare_window(at_ + "/windows/" + std::to_string(i) + "/" + key, i, until, observed, observed_before);
        observed_before += observed;
      }
    }
  }

  static std::uint64_t in_window(const std::vector<WindowCount>& windows, std::size_t i,
                                 std::uint64_t WindowCount::*member) {
    return i < windows.size() ? windows[i].*member : 0;
  }

  void compare_window(const std::string& metric, std::size_t i, const std::vector<std::uint64_t>& until,
                      std::uint64_t observed, std::uint64_t observed_before) {
    const std::uint64_t predicted = until[i + 1] - until[i];
    if (predicted == observed) return checks_.exact(metric, predicted, observed);
    const std::int64_t length = sides_.scenario.window->count();
    const std::int64_t end = static_cast<std::int64_t>(i + 1) * length;
    const auto sum_until = [&](std::int64_t time, std::int64_t rounding) {
      const std::int64_t whole = std::max<std::int64_t>(0, (time + rounding) / length);
      return until[std::min(static_cast<std::size_t>(whole), until.size() - 1)];
    };
    const std::uint64_t slack = variation_.timed || sides_.variation.retries ? predicted / 20 + 5 : variation_.spread;
    const auto band = [&](Duration early, Duration late) {
      const std::uint64_t least = sum_until(end - late.count(), 0);
      const std::uint64_t most = sum_until(end + early.count(), length - 1) + slack;
      const std::uint64_t low = least - std::min(least, observed_before + slack);
      return Interval{low, std::max(low, most - std::min(most, observed_before))};
    };
    checks_.within_reason(metric, predicted, band(sides_.tolerances.turn, sides_.tolerances.turn),
                          band(sides_.tolerances.early, sides_.tolerances.late), observed, by_speed);
  }

  const ComparedSides& sides_;
  const Workload& configuration_;
  const WorkloadResult& workload_;
  const WorkloadResult& seen_;
  CheckList& checks_;
  const WorkloadVariation& variation_;
  const Dealt* dealt_ = nullptr;
  std::string at_;
};

}  // namespace

void compare_workload(const ComparedSides& sides, const std::string& name, const WorkloadResult& workload,
                      CheckList& checks) {
  const auto found = sides.observed.workloads.find(name);
  if (found == sides.observed.workloads.end()) {
    return checks.add("/workloads/" + pointer_part(name), std::string("a result"), std::monostate{},
                      CheckVerdict::differs, "the workload did not run");
  }
  WorkloadComparison(sides, name, workload, found->second, checks).run();
}

}  // namespace netlimits::analysis
