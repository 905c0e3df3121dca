// The laws, one group of figures after another.
#include "fuzz/scenarios/scenario_laws.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>

#include "model/scenario/listening.hpp"
#include "model/scenario/wiring.hpp"
#include "model/systems/error.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits::fuzz {
namespace {

class Judge {
 public:
  Judge(const Scenario& scenario, const RunResult& result) : scenario_(scenario), result_(result) {}

  std::vector<BrokenLaw> judge() {
    for (const auto& [name, workload] : result_.workloads) judge_workload(name, workload);
    for (const auto& [name, host] : result_.hosts) judge_host(name, host);
    for (const auto& [name, back_ends] : result_.balancers) judge_balancer(name, back_ends);
    judge_limits();
    judge_both_ends();
    return std::move(broken_);
  }

 private:
  template <class... Figures>
  void must(bool holds, const char* law, fmt::format_string<Figures...> what, Figures&&... figures) {
    if (!holds) broken_.push_back({law, fmt::format(what, std::forward<Figures>(figures)...)});
  }

  bool client_goes_down(const Workload& workload) const {
    return std::any_of(scenario_.events.begin(), scenario_.events.end(), [&](const Event& event) {
      const auto* down = std::get_if<HostDown>(&event.what);
      return down != nullptr && down->host == workload.from_host;
    });
  }

  void judge_workload(const std::string& name, const WorkloadResult& of) {
    const Workload& workload = scenario_.workloads.at(name);
    must(of.attempted == of.established + of.failed + of.pending_at_end + of.vanished, "attempts-add-up",
         "{}: {} attempted, {} established, {} failed, {} still connecting, {} vanished with their host", name,
         of.attempted, of.established, of.failed, of.pending_at_end, of.vanished);
    must(of.vanished == 0 || client_goes_down(workload), "vanished-with-a-host", "{}: {} vanished, and no host", name,
         of.vanished);
    const std::uint64_t kept_or_lost = of.open_at_end + of.lost;
    const bool for_ever = std::holds_alternative<HoldForever>(workload.hold);
    must(for_ever ? kept_or_lost == of.established : kept_or_lost <= of.established, "established-adds-up",
         "{}: {} established, {} open at the end, {} lost", name, of.established, of.open_at_end, of.lost);
    must(of.established == 0 || of.peak_open > 0, "one-is-open", "{}: {} established, none ever open", name,
         of.established);
    must(of.open_at_end <= of.peak_open && of.peak_open <= of.established, "peak-of-open",
         "{}: {} open at the end, at most {}, {} established", name, of.open_at_end, of.peak_open, of.established);
    must(of.reconnected <= of.lost, "reconnected-of-lost", "{}: {} reconnected of {} lost", name, of.reconnected,
         of.lost);
    must(of.attempted <= most_attempts(workload, of), "attempts-allowed", "{}: {} attempts for {} connections", name,
         of.attempted, workload.connections);
    judge_failures(name, of);
    judge_windows(name, of);
  }

  static std::uint64_t most_attempts(const Workload& workload, const WorkloadResult& of) {
    return (workload.connections + of.lost) * (1 + workload.retry.attempts);
  }

  void judge_failures(const std::string& name, const WorkloadResult& of) {
    std::uint64_t failed = 0;
    for (const Failure& failure : of.failures) {
      failed += failure.count;
      must(failure.count > 0 && failure.first_at <= result_.ended_at, "failures-happen",
           "{}: {} failures of one kind, the first after the end", name, failure.count);
      must(failure.first_after_established <= of.attempted, "first-after-established",
           "{}: the first failure after {} of {} attempts", name, failure.first_after_established, of.attempted);
    }
    must(failed == of.failed, "failures-add-up", "{}: {} failed, {} by kind", name, of.failed, failed);
    must(std::is_sorted(of.failures.begin(), of.failures.end(),
                        [](const Failure& a, const Failure& b) { return a.first_at < b.first_at; }),
         "failures-in-order", "{}", name);
  }

  void judge_windows(const std::string& name, const WorkloadResult& of) {
    must(scenario_.window.has_value() || of.windows.empty(), "windows-asked-for", "{}", name);
    if (!scenario_.window) return;
    WindowCount sum;
    SimTime from = time_zero;
    for (const WindowCount& window : of.windows) {
      sum.attempted += window.attempted;
      sum.established += window.established;
      sum.failed += window.failed;
      must(window.from == from && window.from <= result_.ended_at, "windows-in-a-row", "{}", name);
      from += *scenario_.window;
    }
    must(sum.attempted == of.attempted && sum.established == of.established && sum.failed == of.failed,
         "windows-add-up", "{}: {}, {} and {} in windows; {}, {} and {} in all", name, sum.attempted, sum.established,
         sum.failed, of.attempted, of.established, of.failed);
  }

  void judge_host(const std::string& name, const HostResult& of) {
    const HostGroup& host = scenario_.hosts.at(name);
    must(of.time_wait_at_end <= of.time_wait_peak * host.count, "time-wait-peak",
         "{}: {} in TIME_WAIT at the end, at most {} on one of {} hosts", name, of.time_wait_at_end, of.time_wait_peak,
         host.count);
    for (const Process& process : host.processes) {
      const auto found = of.processes.find(process.name);
      must(found != of.processes.end(), "every-process-reported", "{}/{}", name, process.name);
      if (found == of.processes.end()) continue;
      const ProcessResult& seen = found->second;
      const std::uint64_t instances = host.count * process.count;
      must(seen.accepted_least * instances <= seen.accepted && seen.accepted <= seen.accepted_most * instances,
           "accepted-by-instance", "{}/{}: {} accepted by {} instances, {} to {} each", name, process.name,
           seen.accepted, instances, seen.accepted_least, seen.accepted_most);
      must(!host.profile->rules.has(Rule::descriptors_process) || seen.descriptors_peak <= seen.descriptors_limit,
           "descriptors-within-limit", "{}/{}: {} of {}", name, process.name, seen.descriptors_peak,
           seen.descriptors_limit);
    }
  }

  void judge_balancer(const std::string& name, const std::vector<BackEndResult>& back_ends) {
    must(back_ends.size() == scenario_.balancers.at(name).back_ends.size(), "every-back-end-reported", "{}", name);
    for (const BackEndResult& one : back_ends) {
      must(one.open_at_end <= one.connections, "back-end-open", "{} -> {}: {} open of {}", name, one.endpoint,
           one.open_at_end, one.connections);
    }
  }

  void judge_limits() {
    for (const LimitUse& use : result_.limits) {
      must(use.peak <= use.capacity, "peak-within-capacity", "{} at {}: {} of {}", name_of(use.limit), use.place.text(),
           use.peak, use.capacity);
      must(use.exhausted == use.first_exhausted_at.has_value(), "exhausted-has-a-moment", "{} at {}",
           name_of(use.limit), use.place.text());
      must(!use.first_exhausted_at || *use.first_exhausted_at <= result_.ended_at, "exhausted-within-the-run",
           "{} at {}", name_of(use.limit), use.place.text());
    }
    const bool failed = std::any_of(result_.workloads.begin(), result_.workloads.end(),
                                    [](const auto& one) { return one.second.failed > 0; });
    must(!failed || result_.binding.has_value(), "failures-have-a-binding-limit", "no limit binds");
    must(!scenario_.end || result_.ended_at <= *scenario_.end, "ends-in-time", "after the end");
  }

  // A cookie is good beyond the life of what the host had: the FIN of a connection that a host no longer knows brings
  // its client's first sequence number and the cookie along, and a listener that sent cookies meanwhile takes it for a
  // new connection (net/ipv4/syncookies.c; model/tcp/tcp_handshake.cpp).
  bool cookies_outlive_a_host() const {
    const bool comes_back = std::any_of(scenario_.events.begin(), scenario_.events.end(),
                                        [](const Event& event) { return std::holds_alternative<HostUp>(event.what); });
    return comes_back && std::any_of(result_.hosts.begin(), result_.hosts.end(),
                                     [](const auto& named) { return named.second.syncookies_sent > 0; });
  }

  void judge_both_ends() {
    std::uint64_t established = 0;
    for (const auto& [name, workload] : result_.workloads) established += workload.established;
    if (cookies_outlive_a_host()) return;
    std::uint64_t taken = 0;
    for (const auto& [name, host] : result_.hosts) {
      for (const auto& [process, seen] : host.processes) taken += seen.accepted + seen.queued_at_end;
    }
    must(taken <= established, "servers-have-what-clients-have", "{} accepted or waiting, {} established", taken,
         established);
  }

  const Scenario& scenario_;
  const RunResult& result_;
  std::vector<BrokenLaw> broken_{};
};

// Does the host's program refuse to accept for a reason that lasts?
bool stays_full(const HostGroup& host, const HostResult& result) {
  return std::any_of(host.processes.begin(), host.processes.end(), [&](const Process& process) {
    return result.processes.at(process.name).refused_accepts > 0 ||
           std::any_of(process.listeners.begin(), process.listeners.end(),
                       [](const Listener& listener) { return std::holds_alternative<AcceptStalled>(listener.accept); });
  });
}

// Connections that come together can find a queue full that has room a moment later, on the way to a program that has
// room for all: how many get through is a matter of moments, and the closed forms take arrivals to be gentler.
bool lost_on_the_way(const Scenario& scenario, const RunResult& result) {
  return std::any_of(result.hosts.begin(), result.hosts.end(),
                     [&](const auto& named) {
                       return named.second.listen_overflows > 0 &&
                              !stays_full(scenario.hosts.at(named.first), named.second);
                     }) ||
         std::any_of(result.limits.begin(), result.limits.end(),
                     [](const LimitUse& use) { return use.exhausted && use.limit == Limit::syn_backlog; });
}

bool timed_out(const Failure& failure) {
  return failure.error == Error::etimedout || failure.error == Error::wsaetimedout;
}

bool has_several_ways(const Scenario& scenario, const Workload& workload) {
  const Wiring wiring(scenario);
  std::set<Endpoint> ways;
  for (const Endpoint& to : workload.to) {
    const Balancer* const balancer = wiring.balancer_at(to);
    if (balancer == nullptr) {
      ways.insert(to);
    } else {
      ways.insert(balancer->back_ends.begin(), balancer->back_ends.end());
    }
  }
  return ways.size() > 1;
}

}  // namespace

std::vector<BrokenLaw> broken_laws(const Scenario& scenario, const RunResult& result) {
  return Judge(scenario, result).judge();
}

bool is_plain(const Scenario& scenario) {
  return scenario.events.empty() && !scenario.end &&
         std::all_of(scenario.workloads.begin(), scenario.workloads.end(), [](const auto& named) {
           const Workload& workload = named.second;
           return std::holds_alternative<HoldForever>(workload.hold) && workload.retry.attempts == 0 &&
                  !workload.retry.reconnect;
         });
}

// The rule of a paced accept is not in the closed forms: they take arrivals to be slower.
bool is_gentle(const Scenario& scenario, const RunResult& result) {
  return !accepts_paced(scenario) && !lost_on_the_way(scenario, result);
}

bool some_wait_in_vain(const Scenario& scenario, const RunResult& result) {
  return std::any_of(result.workloads.begin(), result.workloads.end(), [&](const auto& named) {
    const auto& [name, found] = named;
    return std::any_of(found.failures.begin(), found.failures.end(), timed_out) &&
           has_several_ways(scenario, scenario.workloads.at(name));
  });
}

std::vector<BrokenLaw> broken_claims(const Scenario& scenario, const RunResult& result, const CapacityClaim& claim) {
  std::vector<BrokenLaw> broken;
  const auto must = [&](bool holds, const char* law, const std::string& what) {
    if (!holds) broken.push_back({law, what});
  };
  if (!scenario.events.empty()) return broken;
  std::uint64_t accepted = 0;
  std::uint64_t waiting = 0;
  std::uint64_t dropped = 0;
  for (const auto& [name, host] : result.hosts) {
    dropped += host.listen_overflows;
    for (const auto& [process, seen] : host.processes) {
      accepted += seen.accepted;
      waiting += seen.queued_at_end;
    }
  }
  std::uint64_t open = 0;
  for (const auto& [name, workload] : result.workloads) {
    open += workload.open_at_end;
    const bool ends = !std::holds_alternative<HoldForever>(scenario.workloads.at(name).hold);
    if (ends && !scenario.paths.empty()) continue;
    must(dropped > 0 || workload.peak_open <= claim.established_most, "peak-above-claim",
         fmt::format("{}: {} open at once, at most {} claimed", name, workload.peak_open, claim.established_most));
  }
  if (!is_plain(scenario)) return broken;
  const std::uint64_t held = accepted + waiting;
  const std::string accepted_words =
      fmt::format("{} accepted, {} to {} claimed", accepted, claim.accepted_least, claim.accepted_most);
  const std::string held_words =
      fmt::format("{} accepted or waiting, {} to {} claimed", held, claim.established_least, claim.established_most);
  must(accepted <= claim.accepted_most, "accepted-above-claim", accepted_words);
  must(held <= claim.established_most, "established-above-claim", held_words);
  const auto add = [&](const std::vector<BrokenLaw>& more) { broken.insert(broken.end(), more.begin(), more.end()); };
  add(broken_four_tuples(scenario, claim));
  if (!is_gentle(scenario, result)) return broken;
  must(accepted >= claim.accepted_least, "accepted-below-claim", accepted_words);
  must(held >= claim.established_least || open >= claim.established_least, "established-below-claim", held_words);
  add(broken_first_refusal(result, claim));
  return broken;
}

}  // namespace netlimits::fuzz
