// Sources of doubt: pools of an odd size that filled up, what a hash deals out, how many connections come at one
// moment, and what the end of the run cuts off.
#include "analysis/variation.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "analysis/hashed_shares.hpp"
#include "analysis/open_files.hpp"
#include "analysis/port_pool.hpp"
#include "model/scenario/listening.hpp"
#include "model/scenario/places.hpp"
#include "model/scenario/wiring.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits::analysis {
namespace {

// How many connections may come out more or fewer because pools of this workload are of odd size and filled up.
std::uint64_t spread_of(const Scenario& scenario, const Workload& workload, const WorkloadResult& predicted) {
  const HostGroup& host = scenario.hosts.at(workload.from_host);
  const auto kind = pool_kind(host.profile->rules, workload.bind, IpAddress{});
  if (!kind) return 0;
  const Interval ports = automatic_ports(host, *kind);
  std::uint64_t filled = 0;  // pools that refused somebody; a group's hosts share one place
  for (const Failure& failure : predicted.failures) {
    if (failure.limit == Limit::ephemeral_ports) filled += host.count;
  }
  return filled * (ports.max - ports.min);
}

const Process* process_of(const HostGroup& host, const std::string& name) {
  for (const Process& process : host.processes) {
    if (process.name == name) return &process;
  }
  return nullptr;
}

bool holds_for_ever(const Workload& workload) { return std::holds_alternative<HoldForever>(workload.hold); }

std::optional<Dealt> dealt_to(const Scenario& scenario, const HostGroup& host, const Process& process,
                              const RunResult& predicted) {
  if (host.count != 1 || process.listeners.size() != 1 || scenario.workloads.size() != 1) return std::nullopt;
  const auto& [name, workload] = *scenario.workloads.begin();
  if (!holds_for_ever(workload) || workload.retry.attempts > 0 || workload.retry.reconnect) return std::nullopt;
  const Wiring wiring(scenario);
  for (const Endpoint& to : workload.to) {
    const Target target = wiring.of(workload.from_host, to);
    if (target.reach != Reach::listener || target.host != &host || &host.processes[target.process] != &process)
      return std::nullopt;
  }
  const WorkloadResult& result = predicted.workloads.at(name);
  std::uint64_t arrived = result.established;
  for (const Failure& failure : result.failures) {
    if (failure.limit == Limit::listen_backlog) arrived += failure.count;
  }
  const std::uint64_t room = free_descriptors(process);
  const std::uint64_t queue = accept_queue_size(host, process.listeners.front());
  const Interval share = hashed_share(arrived, process.count);
  const std::uint64_t even = arrived / process.count;
  Dealt dealt{.host = host.name,
              .process = process.name,
              .place = process_place(host, process),
              .workload = name,
              .connections = arrived};
  dealt.accepted = kept_of_hashed(arrived, process.count, room);
  dealt.established = kept_of_hashed(arrived, process.count, room + queue);
  dealt.turned_away = {arrived - dealt.established.max, arrived - dealt.established.min};
  dealt.queued = {dealt.established.min - std::min(dealt.established.min, dealt.accepted.max),
                  std::min(process.count * queue, dealt.established.max - dealt.accepted.min)};
  dealt.least = {std::min(share.min, room), std::min(even, room)};
  dealt.most = {std::min(even + (arrived % process.count != 0 ? 1 : 0), room), std::min(share.max, room)};
  return dealt;
}

// Do the places of a server come free while it is asked for more?
bool places_come_free(const Scenario& scenario) {
  const bool ends = std::any_of(scenario.workloads.begin(), scenario.workloads.end(),
                                [](const auto& named) { return !holds_for_ever(named.second); });
  return ends || accepts_paced(scenario);
}

std::set<std::string> hosts_whose_pools_look_alike(const Scenario& scenario) {
  std::map<std::pair<std::string, Endpoint>, std::optional<PoolKind>> kinds;
  std::set<std::string> hosts;
  for (const auto& [name, workload] : scenario.workloads) {
    const Rules& rules = scenario.hosts.at(workload.from_host).profile->rules;
    const auto kind = pool_kind(rules, workload.bind, IpAddress{});
    for (const Endpoint& to : workload.to) {
      const auto known = kinds.try_emplace({workload.from_host, to}, kind).first;
      if (known->second != kind) hosts.insert(workload.from_host);
    }
  }
  return hosts;
}

}  // namespace

std::uint64_t most_arrivals_in(const Workload& workload, Duration time) {
  constexpr std::uint64_t milli = 1000;
  const auto at_rate = [&](std::uint64_t per_second_milli) {
    const auto milliseconds = static_cast<std::uint64_t>(time / std::chrono::milliseconds(1));
    return std::min(workload.connections, per_second_milli * milliseconds / (milli * milli) + 1);
  };
  if (const auto* constant = std::get_if<ConstantRate>(&workload.arrivals)) {
    if (constant->interval <= Duration::zero()) return workload.connections;
    return std::min(workload.connections, static_cast<std::uint64_t>(time / constant->interval) + 1);
  }
  // A Poisson stream gathers: twice its mean is seldom exceeded by much over such a time.
  if (const auto* poisson = std::get_if<PoissonRate>(&workload.arrivals)) return at_rate(2 * poisson->per_second_milli);
  if (const auto* ramp = std::get_if<RampRate>(&workload.arrivals))
    return at_rate(std::max(ramp->from_milli, ramp->to_milli));
  return workload.connections;
}

Variation variation_of(const Scenario& scenario, const RunResult& predicted) {
  Variation variation;
  const bool dropped = std::any_of(predicted.hosts.begin(), predicted.hosts.end(),
                                   [](const auto& named) { return named.second.listen_drops > 0; });
  variation.repeated_syns = dropped && places_come_free(scenario);
  for (const auto& [name, workload] : scenario.workloads) {
    WorkloadVariation& one = variation.workloads[name];
    const auto found = predicted.workloads.find(name);
    if (found == predicted.workloads.end()) continue;
    one.spread = spread_of(scenario, workload, found->second);
    one.holds_end = !holds_for_ever(workload);
    const Duration time_wait = scenario.hosts.at(workload.from_host).settings.time_wait;
    const bool ports_return = predicted.ended_at.time_since_epoch() >= time_wait && found->second.failed > 0;
    const bool cut_off = scenario.end && (found->second.attempted < workload.connections || one.holds_end);
    one.timed = (one.holds_end && ports_return) || cut_off;
    variation.timed = variation.timed || one.timed;
    const bool repeats = workload.retry.attempts > 0 && found->second.failed > 0;
    variation.retries = variation.retries || repeats || (workload.retry.reconnect && found->second.lost > 0);
  }
  variation.pools_that_look_alike = hosts_whose_pools_look_alike(scenario);
  for (const auto& [name, host] : scenario.hosts) {
    const auto found = predicted.hosts.find(name);
    if (found == predicted.hosts.end()) continue;
    for (const Process& process : host.processes) {
      const bool hashed =
          process.count > 1 && std::any_of(process.listeners.begin(), process.listeners.end(),
                                           [](const Listener& listener) { return listener.reuse_port; });
      const auto counts = found->second.processes.find(process.name);
      if (!hashed || counts == found->second.processes.end()) continue;
      if (counts->second.accepted + counts->second.queued_at_end <= free_descriptors(process) &&
          counts->second.refused_accepts == 0) {
        continue;
      }
      variation.hashed = true;
      variation.hashed_why = "SO_REUSEPORT's hash decides which process a connection reaches";
      variation.dealt = dealt_to(scenario, host, process, predicted);
    }
  }
  return variation;
}

Shares shares_of(const Scenario& scenario, const std::string& host_name, const std::string& process_name,
                 const ProcessResult& predicted) {
  const HostGroup& host = scenario.hosts.at(host_name);
  Shares shares{.least = Interval::exactly(predicted.accepted_least),
                .most = Interval::exactly(predicted.accepted_most)};
  const Process* process = process_of(host, process_name);
  if (process == nullptr || process->count == 1) return shares;
  shares.instances = process->count * host.count;
  const std::uint64_t total = predicted.accepted;
  const std::uint64_t others = shares.instances - 1;
  const bool holds = host.profile->rules.has(Rule::descriptors_process);
  const std::uint64_t each = holds ? std::min(free_descriptors(*process), total) : total;
  shares.least.min = others != 0 && each > total / others ? 0 : total - std::min(total, each * others);
  shares.least.max = total / shares.instances;
  shares.most.min = total / shares.instances + (total % shares.instances != 0 ? 1 : 0);
  shares.most.max = each;
  // A process that also closes connections takes more over time than it can hold at once.
  const bool over_time = std::any_of(scenario.workloads.begin(), scenario.workloads.end(),
                                     [](const auto& named) { return !holds_for_ever(named.second); });
  if (predicted.accepted_most > each || over_time) shares.most.max = total;
  if (over_time) shares.least.min = 0;
  shares.most.max = std::max(shares.most.max, shares.most.min);
  shares.least.min = std::min(shares.least.min, shares.least.max);
  return shares;
}

}  // namespace netlimits::analysis
