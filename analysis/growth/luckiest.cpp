// Workload by workload.
#include "analysis/growth/luckiest.hpp"

#include <algorithm>
#include <cstdint>
#include <variant>

#include "model/net/bounded_time.hpp"

namespace netlimits::analysis {
namespace {

bool may_come_to_nothing(const Wiring& wiring, const Workload& workload, const Endpoint& to) {
  const Target target = wiring.of(workload.from_host, to);
  if (target.reach != Reach::balancer) return target.host == nullptr || target.reach == Reach::no_listener;
  const auto& back_ends = target.balancer->back_ends;
  return std::any_of(back_ends.begin(), back_ends.end(),
                     [&](const Endpoint& one) { return wiring.comes_back(workload.from_host, one); });
}

}  // namespace

Demand luckiest(const Scenario& scenario, const Wiring& wiring, const Demand& open) {
  Demand lucky = open;
  std::size_t index = 0;
  for (const auto& [name, its] : scenario.workloads) {
    std::uint64_t& most = lucky[index++];
    if (most == 0) continue;
    const Workload& workload = its;
    const bool names_ports = std::holds_alternative<BindExplicit>(workload.bind);
    const std::uint64_t turns = turns_of(scenario, workload);
    if (names_ports || std::any_of(workload.to.begin(), workload.to.end(),
                                   [&](const Endpoint& to) { return may_come_to_nothing(wiring, workload, to); })) {
      most = workload.connections;
    } else if (most % turns > 0) {
      most = std::min(workload.connections, bounded_sum(most - most % turns, turns));
    }
  }
  return lucky;
}

}  // namespace netlimits::analysis
