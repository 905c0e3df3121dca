// Each destination of each workload, and each back end behind it.
#include "analysis/plan/beyond_change.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <variant>

#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {
namespace {

// Empty: somebody accepts there.
std::string nobody_at(const Target& target, const Endpoint& endpoint) {
  switch (target.reach) {
    case Reach::no_route:
      return fmt::format("no way leads to {}", endpoint.text());
    case Reach::no_listener:
      return fmt::format("nobody listens at {}", endpoint.text());
    case Reach::held_listener:
      return fmt::format("what listens at {} is no program of the scenario, and accepts nothing", endpoint.text());
    case Reach::balancer:
      return {};
    case Reach::listener:
      break;
  }
  const Process& process = target.host->processes[target.process];
  if (!std::holds_alternative<AcceptStalled>(process.listeners[target.listener].accept)) return {};
  return fmt::format("{}/{} never accepts at {}", target.host->name, process.name, endpoint.text());
}

std::string nobody_for(const Wiring& wiring, const Workload& workload, const Endpoint& to) {
  const Target target = wiring.of(workload.from_host, to);
  if (target.reach != Reach::balancer) return nobody_at(target, to);
  for (const Endpoint& back_end : target.balancer->back_ends) {
    if (wiring.comes_back(workload.from_host, back_end))
      return fmt::format("{} leads back to {} itself", target.balancer->name, workload.from_host);
    if (auto nobody = nobody_at(wiring.behind(*target.balancer, back_end), back_end); !nobody.empty()) return nobody;
  }
  return {};
}

}  // namespace

std::string comes_to_nothing(const Scenario& scenario) {
  const Wiring wiring(scenario);
  for (const auto& [name, workload] : scenario.workloads) {
    for (const Endpoint& to : workload.to) {
      if (const auto nobody = nobody_for(wiring, workload, to); !nobody.empty())
        return fmt::format("some of {} come to nothing: {}", name, nobody);
    }
  }
  return {};
}

}  // namespace netlimits::analysis
