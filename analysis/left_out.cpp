// Each of the three, by what of the scenario brings it in.
#include "analysis/left_out.hpp"

#include <algorithm>

#include "model/scenario/listening.hpp"

namespace netlimits::analysis {
namespace {

// Handshakes that come together may find no room among the half-open requests of a kernel that sends no cookies.
bool syn_queues_may_fill(const Scenario& scenario) {
  if (scenario.paths.empty()) return false;
  return std::any_of(scenario.hosts.begin(), scenario.hosts.end(), [](const auto& named) {
    const HostGroup& host = named.second;
    const bool listens = std::any_of(host.processes.begin(), host.processes.end(),
                                     [](const Process& process) { return !process.listeners.empty(); });
    return listens && host.settings.syncookies == SynCookies::off;
  });
}

}  // namespace

std::vector<std::string> left_out_of(const Scenario& scenario) {
  std::vector<std::string> left_out;
  if (!scenario.events.empty()) left_out.emplace_back("events");
  if (accepts_paced(scenario)) left_out.emplace_back("accept rates");
  if (syn_queues_may_fill(scenario)) left_out.emplace_back("SYN queues");
  return left_out;
}

}  // namespace netlimits::analysis
