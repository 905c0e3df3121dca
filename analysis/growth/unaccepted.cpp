// Asked of each workload and each of its destinations.
#include "analysis/growth/unaccepted.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>

#include "analysis/growth/growth.hpp"
#include "model/net/bounded_time.hpp"
#include "model/scenario/workload_shape.hpp"

namespace netlimits::analysis {
namespace {

bool lets_wait(const Wiring& wiring, const Target& target, const std::set<const Listener*>& prompt) {
  if (target.reach == Reach::held_listener) return true;
  if (target.reach == Reach::listener) {
    const Listener& listener = target.host->processes[target.process].listeners[target.listener];
    return !std::holds_alternative<AcceptImmediately>(listener.accept) && !prompt.contains(&listener);
  }
  if (target.reach != Reach::balancer) return false;
  const std::vector<Endpoint>& back_ends = target.balancer->back_ends;
  return std::any_of(back_ends.begin(), back_ends.end(), [&](const Endpoint& back_end) {
    return lets_wait(wiring, wiring.behind(*target.balancer, back_end), prompt);
  });
}

// One of so many of its connections comes there, always after as many others. Nothing: it comes otherwise.
std::optional<std::uint64_t> one_in(const Scenario& scenario, const Workload& workload, std::uint64_t ways_there) {
  const HostGroup& host = scenario.hosts.at(workload.from_host);
  const Process* const process = process_named(host, workload.from_process);
  const bool alone = host.count == 1 && process != nullptr && process->count == 1 && workload.sources.size() <= 1;
  const bool tries_once = workload.retry.attempts == 0 && !workload.retry.reconnect;
  if (!alone || !tries_once || !scenario.events.empty()) return std::nullopt;
  if (ways_there == 1) return workload.to.size();
  return ways_there == workload.to.size() ? std::optional<std::uint64_t>(1) : std::nullopt;
}

// Does a connection begin while another one is on its way, for half as many round trips as `halves`?
bool begin_meanwhile(const Scenario& scenario, const Wiring& wiring, int halves) {
  return std::any_of(scenario.workloads.begin(), scenario.workloads.end(), [&](const auto& named) {
    const Workload& workload = named.second;
    const auto* constant = std::get_if<ConstantRate>(&workload.arrivals);
    return std::any_of(workload.to.begin(), workload.to.end(), [&](const Endpoint& to) {
      const Target target = wiring.of(workload.from_host, to);
      const auto round_trip = wiring.round_trip(workload.from_host, target);
      if (!round_trip || *round_trip <= Duration::zero()) return false;
      const Duration under_way = *round_trip / 2 * halves;
      return scenario.workloads.size() > 1 || constant == nullptr || constant->interval < under_way;
    });
  });
}

}  // namespace

bool somebody_waits(const Scenario& scenario, const Wiring& wiring) {
  const std::set<const Listener*> prompt = listeners_that_keep_up(scenario, wiring);
  return std::any_of(scenario.workloads.begin(), scenario.workloads.end(), [&](const auto& named) {
    const Workload& workload = named.second;
    return workload.closer == Closer::server &&
           std::any_of(workload.to.begin(), workload.to.end(), [&](const Endpoint& to) {
             return lets_wait(wiring, wiring.of(workload.from_host, to), prompt);
           });
  });
}

std::set<const Listener*> listeners_that_keep_up(const Scenario& scenario, const Wiring& wiring) {
  std::map<const Listener*, std::map<const Workload*, std::uint64_t>> comers;
  std::set<const Listener*> prompt;
  std::set<const Listener*> not_alone;
  const auto note = [&](const Workload& workload, const Target& target, bool direct) {
    if (target.reach != Reach::listener) return;
    const Process& process = target.host->processes[target.process];
    const Listener& listener = process.listeners[target.listener];
    if (!std::holds_alternative<AcceptPaced>(listener.accept)) return;
    ++comers[&listener][&workload];
    if (!direct || target.own || target.host->count > 1 || (listener.reuse_port && process.count > 1))
      not_alone.insert(&listener);
  };
  for (const auto& [name, workload] : scenario.workloads) {
    for (const Endpoint& to : workload.to) {
      const Target target = wiring.of(workload.from_host, to);
      note(workload, target, true);
      if (target.reach != Reach::balancer) continue;
      for (const Endpoint& back_end : target.balancer->back_ends)
        note(workload, wiring.behind(*target.balancer, back_end), false);
    }
  }
  for (const auto& [listener, from] : comers) {
    if (from.size() != 1 || not_alone.contains(listener)) continue;
    const auto& [workload, ways] = *from.begin();
    const auto* const constant = std::get_if<ConstantRate>(&workload->arrivals);
    const auto turns = one_in(scenario, *workload, ways);
    if (constant == nullptr || !turns) continue;
    if (bounded_product(constant->interval, *turns) >= std::get<AcceptPaced>(listener->accept).interval)
      prompt.insert(listener);
  }
  return prompt;
}

bool last_segments_may_be_dropped(const Scenario& scenario, const Wiring& wiring) {
  return begin_meanwhile(scenario, wiring, 2);
}

bool servers_hear_late(const Scenario& scenario, const Wiring& wiring) { return begin_meanwhile(scenario, wiring, 3); }

bool let_wait(const std::vector<CutLimit>& limits) {
  return std::any_of(limits.begin(), limits.end(), [](const CutLimit& one) {
    return one.limit == Limit::listen_backlog || one.limit == Limit::syn_backlog ||
           (one.limit == Limit::no_route && !has_no_source(one.place));
  });
}

bool tells_late(const Scenario& scenario, const Wiring& wiring, const std::vector<CutLimit>& limits) {
  const bool apart = servers_hear_late(scenario, wiring);
  return let_wait(limits) || std::any_of(limits.begin(), limits.end(), [&](const CutLimit& one) {
           const HostPlace* const host = one.place.host();
           const bool at_home = one.limit != Limit::no_listener && host != nullptr &&
                                std::any_of(scenario.workloads.begin(), scenario.workloads.end(),
                                            [&](const auto& of) { return begins_at(of.second, one.place); });
           return one.limit == Limit::back_end_down || (apart && !at_home);
         });
}

bool are_unaccepted(const std::vector<CutLimit>& limits) {
  return !limits.empty() && std::all_of(limits.begin(), limits.end(),
                                        [](const CutLimit& one) { return one.limit == Limit::listen_backlog; });
}

}  // namespace netlimits::analysis
