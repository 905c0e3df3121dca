// A little more of what can run out.
#include <algorithm>
#include <set>
#include <utility>
#include <vector>

#include "fuzz/scenarios/scenario_laws.hpp"
#include "fuzz/scenarios/scenario_relatives.hpp"
#include "model/scenario/listening.hpp"

namespace netlimits::fuzz {
namespace {

constexpr std::size_t small_range = 300;  // ports; a larger one is never used up here

// One of the candidates, always the same one for a scenario.
template <class Candidate>
Candidate* one_of(const std::vector<Candidate*>& candidates, std::uint64_t number) {
  return candidates.empty() ? nullptr : candidates[number % candidates.size()];
}

// A server that closes first ends whom it has accepted, and nobody whom it lets wait: with room for one more, fewer
// gather.
bool servers_end_some(const Scenario& scenario) {
  return std::any_of(scenario.workloads.begin(), scenario.workloads.end(), [](const auto& named) {
    return named.second.closer == Closer::server && !std::holds_alternative<HoldForever>(named.second.hold);
  });
}

// By way of a balancer and directly, or of two balancers, two connections can come from one port: which ports are drawn
// decides whether they do, and one more port draws others.
bool four_tuples_may_meet(const Scenario& scenario) {
  std::vector<Endpoint> reached;
  for (const auto& [name, balancer] : scenario.balancers)
    reached.insert(reached.end(), balancer.back_ends.begin(), balancer.back_ends.end());
  for (const auto& [name, workload] : scenario.workloads) {
    const std::set<Endpoint> to(workload.to.begin(), workload.to.end());
    reached.insert(reached.end(), to.begin(), to.end());
  }
  const std::set<Endpoint> different(reached.begin(), reached.end());
  return !scenario.balancers.empty() && different.size() < reached.size();
}

std::optional<Relative> with_more_room(Scenario scenario) {
  const bool by_room_alone = is_plain(scenario) && scenario.workloads.size() == 1 && !four_tuples_may_meet(scenario);
  const Bond of_run = by_room_alone ? Bond::not_fewer : Bond::none;
  const Bond of_claim = servers_end_some(scenario) ? Bond::none : Bond::not_fewer;
  return Relative{std::move(scenario), of_run, of_claim};
}

}  // namespace

std::optional<Relative> with_more_ports(const Scenario& scenario) {
  Scenario made = scenario;
  std::vector<Settings*> small;
  for (auto& [name, host] : made.hosts) {
    if (host.settings.local_port_range.size().value <= small_range) small.push_back(&host.settings);
  }
  Settings* const settings = one_of(small, scenario.seed);
  if (settings == nullptr) return std::nullopt;
  PortRange& range = settings->local_port_range;
  range.last = Port{static_cast<std::uint16_t>(range.last.value + 2)};
  return with_more_room(std::move(made));
}

std::optional<Relative> with_one_more_descriptor(const Scenario& scenario) {
  Scenario made = scenario;
  std::vector<Process*> processes;
  for (auto& [name, host] : made.hosts) {
    for (Process& process : host.processes) processes.push_back(&process);
  }
  Process* const process = one_of(processes, scenario.seed);
  if (process == nullptr) return std::nullopt;
  ++process->nofile;
  return with_more_room(std::move(made));
}

std::optional<Relative> with_one_more_place(const Scenario& scenario) {
  Scenario made = scenario;
  std::vector<std::pair<HostGroup*, Listener*>> queues;
  for (auto& [name, host] : made.hosts) {
    for (Process& process : host.processes) {
      for (Listener& listener : process.listeners) {
        if (listener.backlog >= 0) queues.emplace_back(&host, &listener);
      }
    }
  }
  if (queues.empty()) return std::nullopt;
  const auto& [host, listener] = queues[scenario.seed % queues.size()];
  ++listener->backlog;
  ++host->settings.somaxconn;
  return with_more_room(std::move(made));
}

}  // namespace netlimits::fuzz
