// Tables of tracked connections of a random scenario. Their draws are their own, so that a scenario without one is what
// it was.
#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>

#include "fuzz/scenarios/scenario_draft.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::fuzz {
namespace {

struct Roles {
  std::set<std::string> begin{};
  std::set<std::string> taken{};  // by connections from anywhere
};

Roles roles_in(const Scenario& scenario) {
  const Wiring wiring(scenario);
  Roles roles;
  for (const auto& [name, workload] : scenario.workloads) {
    roles.begin.insert(workload.from_host);
    for (const Endpoint& to : workload.to) {
      const Target target = wiring.of(workload.from_host, to);
      if (target.host != nullptr) roles.taken.insert(target.host->name);
      if (target.balancer == nullptr) continue;
      for (const Endpoint& back_end : target.balancer->back_ends) {
        const Target behind = wiring.behind(*target.balancer, back_end);
        if (behind.host != nullptr) roles.taken.insert(behind.host->name);
      }
    }
  }
  return roles;
}

bool all_goes_through(const Scenario& scenario, const Gateway& gateway) {
  const Wiring wiring(scenario);
  return std::all_of(scenario.workloads.begin(), scenario.workloads.end(), [&](const auto& named) {
    const Workload& workload = named.second;
    return wiring.gateway_of(workload.from_host) != &gateway ||
           std::all_of(workload.to.begin(), workload.to.end(),
                       [&](const Endpoint& to) { return wiring.of(workload.from_host, to).gateway == &gateway; });
  });
}

ConntrackSettings some_table(Draws& draws) {
  ConntrackSettings table;
  table.max = draws.drawn(20) ? draws.between(100, 400) : draws.between(1, 60);
  table.buckets = draws.drawn(50) ? table.max : 262'144;
  if (draws.drawn(25)) table.held = draws.between(0, static_cast<std::uint32_t>(table.max));
  if (draws.drawn(30)) {
    table.time_wait = std::chrono::seconds(draws.one_of({1, 5, 30}));
    table.syn_sent = std::chrono::seconds(draws.one_of({1, 5, 30}));
  }
  return table;
}

}  // namespace

void ScenarioDraft::add_tables(std::uint64_t seed, std::uint64_t number) {
  if (options_.for_a_sandbox) return;
  Draws draws(seed, fmt::format("tables of scenario {}", number));
  if (!draws.drawn(25)) return;
  const Roles roles = roles_in(scenario_);
  for (auto& [name, host] : scenario_.hosts) {
    const bool both = roles.begin.contains(name) && roles.taken.contains(name);
    if (!both && draws.drawn(40)) host.conntrack = some_table(draws);
  }
  for (auto& [name, gateway] : scenario_.gateways) {
    if (!draws.drawn(60) || !all_goes_through(scenario_, gateway)) continue;
    gateway.conntrack = some_table(draws);
    const ConntrackSettings usual;
    gateway.conntrack->time_wait = usual.time_wait;
    gateway.conntrack->syn_sent = usual.syn_sent;
  }
}

}  // namespace netlimits::fuzz
