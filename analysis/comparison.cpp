#include "analysis/comparison.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "analysis/chance.hpp"
#include "model/error.hpp"

namespace netlimits::analysis {
namespace {

std::string pointer_part(const std::string& key) {  // RFC 6901, section 3
  std::string escaped;
  for (const char c : key) {
    if (c == '~') {
      escaped += "~0";
    } else if (c == '/') {
      escaped += "~1";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

const char* const by_clock = "it follows the clock: a real machine is never exactly on time";

class Comparison {
 public:
  Comparison(const Scenario& scenario, const RunResult& predicted, const RunResult& observed,
             const Tolerances& tolerances)
      : scenario_(scenario),
        predicted_(predicted),
        observed_(observed),
        tolerances_(tolerances),
        chance_(chance_of(scenario, predicted)) {}

  std::vector<Check> checks() {
    compare_binding();
    for (const auto& [name, balancer] : predicted_.balancers) compare_balancer(name, balancer);
    for (const auto& [name, host] : predicted_.hosts) compare_host(name, host);
    for (const auto& [name, workload] : predicted_.workloads) compare_workload(name, workload);
    return std::move(checks_);
  }

 private:
  void add(std::string metric, Figure predicted, Figure observed, CheckVerdict verdict, std::string why = {}) {
    checks_.push_back({std::move(metric), std::move(predicted), std::move(observed), verdict, std::move(why)});
  }

  void exact(std::string metric, std::uint64_t predicted, std::uint64_t observed) {
    add(std::move(metric), predicted, observed, predicted == observed ? CheckVerdict::agrees : CheckVerdict::differs);
  }

  void within(std::string metric, Interval predicted, std::uint64_t observed, const char* why) {
    add(std::move(metric), predicted.exact() ? Figure(predicted.min) : Figure(predicted), observed,
        predicted.contains(observed) ? CheckVerdict::agrees : CheckVerdict::differs, predicted.exact() ? "" : why);
  }

  // Equal, or left open for this reason.
  void equal_or_open(std::string metric, std::uint64_t predicted, std::uint64_t observed, const char* why) {
    const bool equal = predicted == observed;
    add(std::move(metric), predicted, observed, equal ? CheckVerdict::agrees : CheckVerdict::not_determined,
        equal ? "" : why);
  }

  void unseen(std::string metric, std::uint64_t predicted, const char* what) {
    add(std::move(metric), predicted, std::monostate{}, CheckVerdict::not_determined, std::string(what));
  }

  // Whether it happened at all; how often is the affair of programs and timers.
  void happened(std::string metric, std::uint64_t predicted, std::uint64_t observed, const char* why) {
    if (predicted == observed) return add(std::move(metric), predicted, observed, CheckVerdict::agrees);
    const bool both = predicted > 0 && observed > 0;
    add(std::move(metric), predicted, observed, both ? CheckVerdict::not_determined : CheckVerdict::differs,
        both ? why : "");
  }

  void compare_binding() {
    const auto words = [](const std::optional<BindingLimit>& binding) {
      return binding ? std::string(name_of(binding->limit)) + " (" + binding->place + ")" : std::string("none");
    };
    if (!predicted_.binding && !observed_.binding) {
      return add("/binding_limit", words(predicted_.binding), words(observed_.binding), CheckVerdict::agrees);
    }
    // Where the draw decides whether anybody is refused, it decides what binds.
    const CheckVerdict other = chance_.lots ? CheckVerdict::not_determined : CheckVerdict::differs;
    const std::string why = chance_.lots ? chance_.lots_why : "";
    if (!predicted_.binding || !observed_.binding) {
      return add("/binding_limit", words(predicted_.binding), words(observed_.binding), other, why);
    }
    if (predicted_.binding->limit != observed_.binding->limit) {
      return add("/binding_limit/limit", std::string(name_of(predicted_.binding->limit)),
                 std::string(name_of(observed_.binding->limit)), other, why);
    }
    add("/binding_limit/limit", std::string(name_of(predicted_.binding->limit)),
        std::string(name_of(observed_.binding->limit)), CheckVerdict::agrees);
    // Of several places that fill up together, a real machine may meet another one first.
    const bool same = predicted_.binding->place == observed_.binding->place;
    add("/binding_limit/place", predicted_.binding->place, observed_.binding->place,
        same ? CheckVerdict::agrees : CheckVerdict::not_determined,
        same ? "" : "which of several full places refuses first depends on who is served first");
  }

  void compare_balancer(const std::string& name, const std::vector<BackEndResult>& balancer) {
    const std::string at = "/balancers/" + pointer_part(name);
    const auto found = observed_.balancers.find(name);
    for (std::size_t i = 0; i < balancer.size(); ++i) {
      const std::string metric = at + "/" + std::to_string(i) + "/connections";
      if (!tolerances_.sees_balancers || found == observed_.balancers.end() || i >= found->second.size()) {
        unseen(metric, balancer[i].connections, "what a balancer gave to whom was not observed");
      } else if (chance_.retries) {
        equal_or_open(metric, balancer[i].connections, found->second[i].connections,
                      "attempts are repeated, and the order in which they come again is not fixed");
      } else {
        exact(metric, balancer[i].connections, found->second[i].connections);
      }
    }
  }

  void compare_process(const std::string& at, const std::string& host, const std::string& name,
                       const ProcessResult& process, const ProcessResult* found) {
    const bool serves = process.accepted + process.queued_at_end + process.refused_accepts > 0 ||
                        (found != nullptr && found->accepted > 0);
    if (serves && (!tolerances_.sees_servers || found == nullptr)) {
      unseen(at + "/accepted", process.accepted, "the server was not observed");
    } else if (serves) {
      if (chance_.lots) {
        equal_or_open(at + "/accepted", process.accepted, found->accepted, chance_.lots_why);
      } else if (chance_.timed) {
        near(at + "/accepted", process.accepted, found->accepted);
      } else {
        exact(at + "/accepted", process.accepted, found->accepted);
        exact(at + "/queued_at_end", process.queued_at_end, found->queued_at_end);
      }
      const Shares shares = shares_of(scenario_, host, name, process);
      if (shares.instances > 1 && !chance_.lots) {
        within(at + "/accepted_least", shares.least, found->accepted_least,
               "which process takes a connection is left to chance");
        within(at + "/accepted_most", shares.most, found->accepted_most,
               "which process takes a connection is left to chance");
      }
      if (chance_.lots) {
        equal_or_open(at + "/refused_accepts", process.refused_accepts, found->refused_accepts, chance_.lots_why);
        return compare_descriptors(at, host, name, process, found);
      }
      happened(at + "/refused_accepts", process.refused_accepts, found->refused_accepts,
               "how often a program tries again is its own affair; that it was refused agrees");
    }
    compare_descriptors(at, host, name, process, found);
  }

  void compare_descriptors(const std::string& at, const std::string& host, const std::string& name,
                           const ProcessResult& process, const ProcessResult* found) {
    if (process.descriptors_peak == 0) return;
    if (!tolerances_.sees_descriptors || found == nullptr) {
      return unseen(at + "/descriptors_peak", process.descriptors_peak, "descriptors were not observed");
    }
    const bool shared = shares_of(scenario_, host, name, process).instances > 1;
    if (shared || chance_.timed || chance_.lots) {
      equal_or_open(at + "/descriptors_peak", process.descriptors_peak, found->descriptors_peak,
                    shared ? "which process takes a connection is left to chance" : by_clock);
    } else {
      exact(at + "/descriptors_peak", process.descriptors_peak, found->descriptors_peak);
    }
  }

  void compare_host(const std::string& name, const HostResult& host) {
    const std::string at = "/hosts/" + pointer_part(name);
    const auto found = observed_.hosts.find(name);
    const HostResult* seen = found == observed_.hosts.end() ? nullptr : &found->second;
    for (const auto& [process_name, process] : host.processes) {
      const ProcessResult* other = nullptr;
      if (seen != nullptr) {
        const auto process_found = seen->processes.find(process_name);
        if (process_found != seen->processes.end()) other = &process_found->second;
      }
      compare_process(at + "/processes/" + pointer_part(process_name), name, process_name, process, other);
    }
    compare_counters(at, host, seen);
    compare_time_wait(at, host, seen);
  }

  void compare_counters(const std::string& at, const HostResult& host, const HostResult* seen) {
    const bool looked = tolerances_.sees_counters && seen != nullptr;
    const auto one = [&](const char* key, std::uint64_t HostResult::*counter) {
      const std::uint64_t predicted = host.*counter;
      if (!looked) {
        if (predicted > 0) unseen(at + key, predicted, "the host's counters were not observed");
        return;
      }
      if (predicted == 0 && seen->*counter == 0) return;
      happened(at + key, predicted, seen->*counter,
               "every repeated SYN counts again, and how often it is repeated follows the clock");
    };
    one("/listen_drops", &HostResult::listen_drops);
    one("/listen_overflows", &HostResult::listen_overflows);
    one("/time_wait_overflows", &HostResult::time_wait_overflows);
  }

  void compare_time_wait(const std::string& at, const HostResult& host, const HostResult* seen) {
    const std::uint64_t observed = seen != nullptr ? seen->time_wait_peak : 0;
    if (host.time_wait_peak == 0 && observed == 0) return;
    if (!tolerances_.sees_time_wait || seen == nullptr) {
      return unseen(at + "/time_wait_peak", host.time_wait_peak, "TIME_WAIT was not observed");
    }
    chance_.timed ? near(at + "/time_wait_peak", host.time_wait_peak, observed)
                  : exact(at + "/time_wait_peak", host.time_wait_peak, observed);
  }

  // A count that follows the clock: a twentieth and a few either way.
  void near(std::string metric, std::uint64_t predicted, std::uint64_t observed) {
    const std::uint64_t slack = predicted / 20 + 5;
    const Interval interval{predicted > slack ? predicted - slack : 0, predicted + slack};
    if (predicted == observed) return add(std::move(metric), predicted, observed, CheckVerdict::agrees);
    add(std::move(metric), interval, observed,
        interval.contains(observed) ? CheckVerdict::agrees : CheckVerdict::differs, by_clock);
  }

  void compare_workload(const std::string& name, const WorkloadResult& workload) {
    const std::string at = "/workloads/" + pointer_part(name);
    const auto found = observed_.workloads.find(name);
    if (found == observed_.workloads.end()) {
      return add(at, std::string("a result"), std::monostate{}, CheckVerdict::differs, "the workload did not run");
    }
    const WorkloadResult& seen = found->second;
    const WorkloadChance& chance = chance_.workloads.at(name);
    const auto count = [&](const char* key, std::uint64_t WorkloadResult::*figure) {
      const std::string metric = at + key;
      if (chance.spread > 0) {
        const std::uint64_t predicted = workload.*figure;
        within(metric, {predicted > chance.spread ? predicted - chance.spread : 0, predicted + chance.spread},
               seen.*figure, "an odd-sized port range gives one port less or not, by a draw of the kernel");
      } else if (chance_.lots) {
        equal_or_open(metric, workload.*figure, seen.*figure, chance_.lots_why);
      } else if (chance.timed) {
        near(metric, workload.*figure, seen.*figure);
      } else {
        exact(metric, workload.*figure, seen.*figure);
      }
    };
    if (!chance_.retries) count("/attempted", &WorkloadResult::attempted);
    if (chance_.retries) {
      equal_or_open(at + "/attempted", workload.attempted, seen.attempted,
                    "how often an attempt is repeated follows the clock");
      equal_or_open(at + "/failed", workload.failed, seen.failed, "how often an attempt is repeated follows the clock");
    } else {
      count("/failed", &WorkloadResult::failed);
    }
    count("/established", &WorkloadResult::established);
    count("/open_at_end", &WorkloadResult::open_at_end);
    if (chance.holds_end) {
      near(at + "/peak_open", workload.peak_open, seen.peak_open);
    } else {
      count("/peak_open", &WorkloadResult::peak_open);
    }
    if (workload.lost + seen.lost > 0) count("/lost", &WorkloadResult::lost);
    if (workload.reconnected + seen.reconnected > 0) count("/reconnected", &WorkloadResult::reconnected);
    if (workload.pending_at_end + seen.pending_at_end > 0) {
      count("/pending_at_end", &WorkloadResult::pending_at_end);
    }
    compare_failures(at, name, workload, seen, chance);
  }

  using FailureKey = std::pair<Error, std::string>;
  struct FailureSum {
    std::size_t index = 0;  // of the first one in the result
    std::uint64_t count = 0;
    SimTime first_at = end_of_time;
  };

  static std::map<FailureKey, FailureSum> summed(const std::vector<Failure>& failures) {
    std::map<FailureKey, FailureSum> sums;
    for (std::size_t i = 0; i < failures.size(); ++i) {
      const auto [found, is_new] = sums.try_emplace({failures[i].error, failures[i].place});
      if (is_new) found->second.index = i;
      found->second.count += failures[i].count;
      found->second.first_at = std::min(found->second.first_at, failures[i].first_at);
    }
    return sums;
  }

  // A client sees an error, and where; which limit is behind it is the model's own knowledge.
  void compare_failures(const std::string& at, const std::string& name, const WorkloadResult& workload,
                        const WorkloadResult& seen, const WorkloadChance& chance) {
    const auto predicted = summed(workload.failures);
    auto observed = summed(seen.failures);
    for (const auto& [key, sum] : predicted) {
      const std::string metric = at + "/failures/" + std::to_string(sum.index);
      const auto found = observed.find(key);
      const std::string what = std::string(name_of(key.first)) + " at " + key.second;
      if (found == observed.end()) {
        const bool open = chance_.lots || chance_.retries || chance.spread >= sum.count;
        add(metric + "/count", sum.count, std::uint64_t{0}, open ? CheckVerdict::not_determined : CheckVerdict::differs,
            what + " was predicted");
        continue;
      }
      compare_failure_count(metric, sum.count, found->second.count, chance);
      compare_moment(metric + "/first_at_ns", name, key.first, sum.first_at, found->second.first_at);
      observed.erase(found);
    }
    for (const auto& [key, sum] : observed) {
      const bool open = chance_.lots || chance_.retries || chance.spread >= sum.count;
      add(at + "/failures", std::uint64_t{0}, sum.count, open ? CheckVerdict::not_determined : CheckVerdict::differs,
          std::string(name_of(key.first)) + " at " + key.second + " was not predicted");
    }
  }

  void compare_failure_count(const std::string& metric, std::uint64_t predicted, std::uint64_t observed,
                             const WorkloadChance& chance) {
    const std::string key = metric + "/count";
    if (chance.spread > 0) {
      return within(key, {predicted > chance.spread ? predicted - chance.spread : 0, predicted + chance.spread},
                    observed, "an odd-sized port range gives one port less or not, by a draw of the kernel");
    }
    if (chance_.lots) return equal_or_open(key, predicted, observed, chance_.lots_why);
    if (chance_.retries) {
      return equal_or_open(key, predicted, observed, "how often an attempt is repeated follows the clock");
    }
    chance.timed ? near(key, predicted, observed) : exact(key, predicted, observed);
  }

  // Refusals that a call gives at once come as early as the calls do: with all connections at one instant, the speed of
  // the machine decides. Those that a timer gives come when the timer ends.
  void compare_moment(const std::string& metric, const std::string& name, Error error, SimTime predicted,
                      SimTime observed) {
    const bool by_timer = error == Error::etimedout || error == Error::wsaetimedout;
    const bool at_once = std::holds_alternative<AtOnce>(scenario_.workloads.at(name).arrivals);
    const auto nanoseconds = [](SimTime at) {
      return static_cast<std::uint64_t>(std::max<std::int64_t>(0, at.time_since_epoch().count()));
    };
    if (at_once && !by_timer) {
      return add(metric, nanoseconds(predicted), nanoseconds(observed), CheckVerdict::not_determined,
                 "all connections begin at one instant: how long a machine takes for them is its own affair");
    }
    const std::uint64_t due = nanoseconds(predicted);
    const auto early = static_cast<std::uint64_t>(tolerances_.early.count());
    const auto late = static_cast<std::uint64_t>(tolerances_.late.count());
    const Interval interval{due > early ? due - early : 0, due + late + due / 1000 * tolerances_.late_per_mille};
    add(metric, interval, nanoseconds(observed),
        interval.contains(nanoseconds(observed)) ? CheckVerdict::agrees : CheckVerdict::differs,
        "a kernel's timers and a machine's speed add to it");
  }

  const Scenario& scenario_;
  const RunResult& predicted_;
  const RunResult& observed_;
  const Tolerances& tolerances_;
  Chance chance_;
  std::vector<Check> checks_{};
};

}  // namespace

std::vector<Check> compare(const Scenario& scenario, const RunResult& predicted, const RunResult& observed,
                           const Tolerances& tolerances) {
  return Comparison(scenario, predicted, observed, tolerances).checks();
}

CheckVerdict overall(const std::vector<Check>& checks) {
  bool agrees = false;
  for (const Check& check : checks) {
    if (check.verdict == CheckVerdict::differs) return CheckVerdict::differs;
    agrees = agrees || check.verdict == CheckVerdict::agrees;
  }
  return agrees ? CheckVerdict::agrees : CheckVerdict::not_determined;
}

}  // namespace netlimits::analysis
