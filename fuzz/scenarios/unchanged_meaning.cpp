// Scenarios that say the same and a little beside.
#include <algorithm>
#include <string>
#include <utility>

#include "fuzz/scenarios/scenario_relatives.hpp"
#include "model/systems/os_profile.hpp"

namespace netlimits::fuzz {
namespace {

constexpr const char* unused = "another.";

// Ports that the system chooses are drawn, and so are the moments and the times of some laws.
bool is_drawn(const Workload& workload) {
  return !std::holds_alternative<BindExplicit>(workload.bind) ||
         std::holds_alternative<PoissonRate>(workload.arrivals) ||
         std::holds_alternative<HoldExponential>(workload.hold);
}

}  // namespace

std::optional<Relative> with_unused_host(const Scenario& scenario) {
  HostGroup host;
  host.name = unused;
  host.profile = scenario.hosts.begin()->second.profile;
  host.settings = host.profile->settings;
  host.count = 3;
  host.address_stride = 1;
  host.addresses = {AddressBlock::single(*IpAddress::parse("10.251.0.1"))};
  Process process;
  process.name = "idle";
  process.listeners.push_back({*Endpoint::parse("0.0.0.0:80")});
  host.processes.push_back(std::move(process));
  Relative relative{scenario, Bond::same, Bond::same};
  if (!relative.scenario.hosts.emplace(unused, std::move(host)).second) return std::nullopt;
  // It is there, with the descriptors that its program began with, and nothing more.
  relative.rename = [](const std::string& figure) {
    const bool own = figure.find(unused) != std::string::npos;
    const bool beginning = figure.find("/descriptors_") != std::string::npos || figure.ends_with("/capacity") ||
                           (figure.starts_with("limits/fd_") && figure.ends_with("/peak"));
    return own && beginning ? std::string() : figure;
  };
  return relative;
}

std::optional<Relative> with_paths_turned(const Scenario& scenario) {
  if (scenario.paths.empty()) return std::nullopt;
  Relative relative{scenario, Bond::same, Bond::same};
  std::reverse(relative.scenario.paths.begin(), relative.scenario.paths.end());
  for (Path& path : relative.scenario.paths) std::swap(path.a, path.b);
  return relative;
}

std::optional<Relative> with_another_seed(const Scenario& scenario) {
  const bool some_track = std::any_of(scenario.hosts.begin(), scenario.hosts.end(),
                                      [](const auto& named) { return named.second.conntrack.has_value(); });
  const bool drawn = some_track || !scenario.gateways.empty() ||
                     std::any_of(scenario.workloads.begin(), scenario.workloads.end(),
                                 [](const auto& named) { return is_drawn(named.second); });
  Relative relative{scenario, drawn ? Bond::none : Bond::same, Bond::same};
  relative.scenario.seed = scenario.seed + 1'000'003;
  return relative;
}

}  // namespace netlimits::fuzz
