// Descriptors by twos; workloads with another beginning and end.
#include "analysis/proxies/halves.hpp"

#include <algorithm>
#include <map>

#include "analysis/open_files.hpp"
#include "model/scenario/wiring.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits::analysis {
namespace {

Process* process_of(Scenario& scenario, const Proxy& proxy) {
  std::vector<Process>& processes = scenario.hosts.at(proxy.host).processes;
  const auto found =
      std::find_if(processes.begin(), processes.end(), [&](const Process& one) { return one.name == proxy.process; });
  return &*found;
}

const Process& process_of(const Scenario& scenario, const Proxy& proxy) {
  const std::vector<Process>& processes = scenario.hosts.at(proxy.host).processes;
  return *std::find_if(processes.begin(), processes.end(),
                       [&](const Process& one) { return one.name == proxy.process; });
}

// Clients that one program can serve by its own setting. Nothing: it has none.
std::optional<std::uint64_t> clients_by_setting(const Process& process, const Proxy& proxy) {
  if (proxy.worker_connections == 0) return std::nullopt;
  const std::uint64_t listeners = process.listeners.size();
  return (proxy.worker_connections - std::min(proxy.worker_connections, listeners)) / 2;
}

void halve(Scenario& scenario, ProxyBound bound) {
  for (const auto& [name, proxy] : scenario.proxies) {
    Process& process = *process_of(scenario, proxy);
    HostGroup& host = scenario.hosts.at(proxy.host);
    const std::uint64_t files = free_files(host);
    host.settings.file_max -= files - files / 2;
    const std::uint64_t free = free_descriptors(process);
    std::uint64_t clients = free / 2;
    if (bound == ProxyBound::connections)
      clients = std::min(clients, clients_by_setting(process, proxy).value_or(clients));
    process.nofile -= free - clients;
  }
}

const Proxy* proxy_behind(const Scenario& scenario, const Target& target) {
  if (target.reach != Reach::listener) return nullptr;
  const Process& process = target.host->processes[target.process];
  for (const auto& [name, proxy] : scenario.proxies)
    if (proxy.host == target.host->name && proxy.process == process.name) return &proxy;
  return nullptr;
}

// The proxy that all of a workload's connections come to (the loader has seen to that).
const Proxy& proxy_of(const Scenario& scenario, const Wiring& wiring, const Workload& workload) {
  const Target target = wiring.of(workload.from_host, workload.to.front());
  const Target behind =
      target.reach == Reach::balancer ? wiring.behind(*target.balancer, target.balancer->back_ends.front()) : target;
  const Proxy* const proxy = proxy_behind(scenario, behind);
  return proxy == nullptr ? scenario.proxies.begin()->second : *proxy;
}

}  // namespace

bool connections_bind_first(const Scenario& scenario, const Proxy& proxy) {
  const Process& process = process_of(scenario, proxy);
  const auto clients = clients_by_setting(process, proxy);
  if (!clients) return false;
  const bool bounded = scenario.hosts.at(proxy.host).profile->rules.has(Rule::descriptors_process);
  return !bounded || *clients < free_descriptors(process) / 2;
}

Scenario front_half(const Scenario& scenario, ProxyBound bound) {
  Scenario front = scenario;
  halve(front, bound);
  front.proxies.clear();
  return front;
}

Scenario back_half(const Scenario& scenario, ProxyBound bound) {
  const Wiring wiring(scenario);
  Scenario back = scenario;
  halve(back, bound);
  back.workloads.clear();
  for (const auto& [name, workload] : scenario.workloads) {
    const Proxy& proxy = proxy_of(scenario, wiring, workload);
    Workload passed = workload;
    passed.from_host = proxy.host;
    passed.from_process = proxy.process;
    passed.to = proxy.to;
    passed.sources = proxy.sources;
    passed.bind = proxy.bind;
    passed.closer = Closer::client;
    passed.retry = {};
    back.workloads.emplace(name, std::move(passed));
  }
  back.proxies.clear();
  return back;
}

bool comes_evenly(const Scenario& scenario) {
  const Wiring wiring(scenario);
  return std::all_of(scenario.workloads.begin(), scenario.workloads.end(), [&](const auto& named) {
    std::map<std::pair<const HostGroup*, std::uint64_t>, std::uint64_t> ways;  // by host
    const HostGroup* group = nullptr;
    for (const Endpoint& to : named.second.to) {
      const Target target = wiring.of(named.second.from_host, to);
      if (target.reach != Reach::listener) return false;
      const Process& process = target.host->processes[target.process];
      const Listener& listener = process.listeners[target.listener];
      if (process.count > 1 && !listener.inherited) return false;
      ++ways[{target.host, target.instance}];
      group = target.host;
    }
    const auto same = [&](const auto& one) { return one.second == ways.begin()->second; };
    return group != nullptr && ways.size() == group->count && std::all_of(ways.begin(), ways.end(), same);
  });
}

}  // namespace netlimits::analysis
