// Each by what of the scenario brings it in: in a word or two for a first line, and as notes.
#include "analysis/left_out.hpp"

#include <algorithm>

#include "analysis/pools/conntrack_room.hpp"
#include "analysis/pools/gateway_pool.hpp"
#include "model/scenario/listening.hpp"
#include "model/scenario/places.hpp"

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
  if (gateways_may_run_short_after_close(scenario)) left_out.emplace_back(ports_kept_by_gateways);
  if (tables_may_run_short_after_close(scenario)) left_out.emplace_back(entries_kept_by_tables);
  return left_out;
}

void note_what_is_left_out(const Scenario& scenario, std::vector<std::string>& notes) {
  if (!scenario.events.empty()) notes.emplace_back("events are not looked at: this is the state before them");
  for (const auto& [name, workload] : scenario.workloads) {
    if (!std::holds_alternative<HoldForever>(workload.hold)) {
      notes.push_back(
          "the connections of " + name +
          " end: what is held counts those between connect() and close(), steady_state says what their ports sustain");
    }
  }
  for (const auto& [name, host] : scenario.hosts) {
    for (const Process& process : host.processes) {
      for (const Listener& listener : process.listeners) {
        const std::string place = listener_place(host, process, listener.endpoint).text();
        if (listener.reuse_port && process.count > 1) {
          notes.push_back("SO_REUSEPORT at " + place +
                          ": a hash decides; the least is all connections on one listener");
        }
        if (std::holds_alternative<AcceptPaced>(listener.accept)) {
          notes.push_back("the accept rate at " + place + " is not looked at: arrivals are taken to be slower");
        }
      }
    }
  }
}

}  // namespace netlimits::analysis
