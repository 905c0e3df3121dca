// What a proxy stands on, who comes to it, and where it leads.
#include "scenarios/proxies/proxy_checks.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "model/scenario/wiring.hpp"

namespace netlimits::scenarios {
namespace {

// Where connections end that go there from a host of the group.
std::vector<Target> ends_of(const Wiring& wiring, const std::string& from, const Endpoint& to) {
  const Target target = wiring.of(from, to);
  if (target.reach != Reach::balancer) return {target};
  std::vector<Target> ends;
  for (const Endpoint& back_end : target.balancer->back_ends) ends.push_back(wiring.behind(*target.balancer, back_end));
  return ends;
}

const Proxy* proxy_at(const Scenario& scenario, const Target& target) {
  if (target.reach != Reach::listener) return nullptr;
  const std::string& process = target.host->processes[target.process].name;
  const auto found = std::find_if(scenario.proxies.begin(), scenario.proxies.end(), [&](const auto& named) {
    return named.second.host == target.host->name && named.second.process == process;
  });
  return found == scenario.proxies.end() ? nullptr : &found->second;
}

void check_host(const Field& at, const Scenario& scenario, const Wiring& wiring, const Proxy& proxy) {
  const HostGroup& host = scenario.hosts.at(proxy.host);
  const auto process = std::find_if(host.processes.begin(), host.processes.end(),
                                    [&](const Process& one) { return one.name == proxy.process; });
  if (process->listeners.empty())
    at.complain(fmt::format("{}/{} has no listener: nobody comes to {}", proxy.host, proxy.process, proxy.name));
  if (host.processes.size() > 1)
    at.complain(fmt::format("{} has other programs beside {}: this is not modelled yet by this version", proxy.host,
                            proxy.process),
                "give them a host of their own");
  if (host.conntrack || wiring.gateway_of(proxy.host) != nullptr)
    at.complain(
        fmt::format("{} tracks connections or is behind a gateway: this is not modelled yet by this version for "
                    "the host of a proxy",
                    proxy.host),
        "what the proxy makes without it is the most that there can be");
  if (!host.held_connections.empty())
    at.complain(fmt::format("{} has connections from before the scenario", proxy.host),
                "make them a workload that begins before the others and holds its connections for ever");
  for (const auto& [name, other] : scenario.proxies) {
    if (name < proxy.name && other.host == proxy.host && other.process == proxy.process)
      at.complain(fmt::format("{}/{} is the proxy {} already", proxy.host, proxy.process, name));
  }
  if (scenario.workloads.contains(proxy.name))
    at.complain(fmt::format("a workload is named {} already", proxy.name), "workloads and proxies share their names");
}

void check_back_ends(const Field& at, const Scenario& scenario, const Wiring& wiring, const Proxy& proxy) {
  for (const Endpoint& to : proxy.to) {
    for (const Target& target : ends_of(wiring, proxy.host, to)) {
      if (proxy_at(scenario, target) != nullptr || target.host == &scenario.hosts.at(proxy.host)) {
        at.complain(
            fmt::format("{} leads to a proxy, or to its own host: this is not modelled yet by this version", to.text()),
            "take the last proxy of a row by itself, with the connections that come to it");
        return;
      }
    }
  }
}

}  // namespace

void check_proxies(const Field& field, const Scenario& scenario) {
  const Wiring wiring(scenario);
  for (const JsonMember& member : field.node().members) {
    const Proxy& proxy = scenario.proxies.at(member.key);
    check_host(field.value(member), scenario, wiring, proxy);
    check_back_ends(field.value(member), scenario, wiring, proxy);
  }
  for (const auto& [name, workload] : scenario.workloads) {
    const Proxy* only = nullptr;
    bool others = false;
    for (const Endpoint& to : workload.to) {
      for (const Target& target : ends_of(wiring, workload.from_host, to)) {
        const Proxy* const proxy = proxy_at(scenario, target);
        others = others || proxy == nullptr || (only != nullptr && proxy != only);
        only = proxy;
      }
    }
    if (others)
      field.complain(
          fmt::format("{} goes to more than one proxy, or past it: this is not modelled yet by this version", name),
          "make a scenario of what goes through one proxy (a host group of any count), and one of the rest");
  }
}

void check_events_of_proxies(const Field& events, const Scenario& scenario) {
  const auto is_of_proxy = [&](const std::string& host) {
    return std::any_of(scenario.proxies.begin(), scenario.proxies.end(),
                       [&](const auto& named) { return named.second.host == host; });
  };
  for (const Event& event : scenario.events) {
    const auto* down = std::get_if<HostDown>(&event.what);
    if (down != nullptr && is_of_proxy(down->host))
      events.complain(
          fmt::format("{} is the host of a proxy: that it goes down is not modelled yet by this version", down->host),
          "let its back ends go down, or ask with one host less");
  }
}

}  // namespace netlimits::scenarios
