// Gateways of a random scenario. Their draws are their own, so that a scenario without one is what it was.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "fuzz/scenarios/scenario_draft.hpp"
#include "model/scenario/topology.hpp"

namespace netlimits::fuzz {
namespace {

// Hosts that begin connections, and that nobody comes to.
std::vector<std::string> only_clients(const Scenario& scenario) {
  const Topology topology(scenario);
  std::set<std::string> reached;
  const auto reach = [&](const Endpoint& endpoint) {
    if (const auto owner = topology.owner_of(endpoint.address)) reached.insert(owner->group);
  };
  std::set<std::string> begin;
  for (const auto& [name, workload] : scenario.workloads) {
    begin.insert(workload.from_host);
    for (const Endpoint& to : workload.to) reach(to);
  }
  for (const auto& [name, balancer] : scenario.balancers)
    for (const Endpoint& back_end : balancer.back_ends) reach(back_end);
  std::vector<std::string> found;
  for (const std::string& host : begin) {
    if (!reached.contains(host) && scenario.hosts.at(host).held_connections.empty()) found.push_back(host);
  }
  return found;
}

bool has_ipv6(const Scenario& scenario) {
  return std::any_of(scenario.workloads.begin(), scenario.workloads.end(), [](const auto& named) {
    return std::any_of(named.second.to.begin(), named.second.to.end(),
                       [](const Endpoint& to) { return !to.address.is_v4(); });
  });
}

Duration some_hold(Draws& draws) { return std::chrono::milliseconds(draws.one_of({0, 700, 5'000, 120'000})); }

NatSettings some_nat(Draws& draws, std::uint64_t clients) {
  NatSettings nat;
  std::uint32_t ports = draws.drawn(10) ? 300 : draws.between(1, 40);
  if (draws.drawn(50)) {
    nat.port_choice = NatPortChoice::kept_or_searched;
  } else if (draws.drawn(40)) {
    nat.block = draws.between(1, 8);
    ports = nat.block * static_cast<std::uint32_t>(clients);
  } else if (draws.drawn(50)) {
    nat.per_destination = draws.between(1, 20);
  }
  // Among those that clients have by themselves, or not.
  const std::uint32_t first = draws.drawn(50) ? first_automatic_port : 2'000;
  nat.ports = {Port{static_cast<std::uint16_t>(first)}, Port{static_cast<std::uint16_t>(first + ports - 1)}};
  if (draws.drawn(25)) nat.when_full = NatWhenFull::reset;
  for (auto* const hold : {&nat.hold_after_reset, &nat.hold_after_refusal}) *hold = some_hold(draws);
  for (auto* const hold : {&nat.hold_after_close, &nat.half_closed, &nat.half_open})
    *hold = std::max<Duration>(std::chrono::seconds(1), some_hold(draws));
  return nat;
}

}  // namespace

void ScenarioDraft::add_gateways(std::uint64_t seed, std::uint64_t number) {
  if (options_.for_a_sandbox) return;
  Draws draws(seed, fmt::format("gateways of scenario {}", number));
  if (!draws.drawn(25)) return;
  Gateway gateway;
  gateway.name = "nat";
  gateway.kind = "linux-masquerade";
  std::uint64_t clients = 0;
  for (const std::string& host : only_clients(scenario_)) {
    if (!draws.drawn(80)) continue;
    gateway.hosts.push_back(host);
    clients += scenario_.hosts.at(host).count;
  }
  if (gateway.hosts.empty()) return;
  gateway.addresses.push_back(*IpAddress::parse("192.0.2.77"));
  if (has_ipv6(scenario_)) gateway.addresses.push_back(*IpAddress::parse("2001:db8:ffff::77"));
  gateway.nat = some_nat(draws, clients);
  if (!scenario_.paths.empty()) {
    std::vector<std::string> sites;
    for (const auto& [name, host] : scenario_.hosts) sites.push_back(name);
    for (const auto& [name, balancer] : scenario_.balancers) sites.push_back(name);
    for (const std::string& site : sites)
      scenario_.paths.push_back({site, gateway.name, std::chrono::microseconds(draws.one_of({0, 100, 1000, 10'000}))});
  }
  scenario_.gateways.emplace(gateway.name, std::move(gateway));
}

}  // namespace netlimits::fuzz
