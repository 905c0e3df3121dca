// Ports of a server that a workload connects to: each is a destination of its own (RFC 9293, 3.3.1), and one listener,
// one descriptor, more for the server.
#include "analysis/plan/knobs/knobs.hpp"
#include "analysis/plan/knobs/parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace netlimits::analysis {
namespace {

constexpr std::uint64_t most_server_ports = 1024;

std::vector<DialPlace> server_ports_against(const Scenario& scenario, const Wiring& wiring, const PlacedLimit& limit) {
  std::vector<DialPlace> places;
  if (!is_one_of(limit.limit, {Limit::ephemeral_ports, Limit::four_tuple, Limit::nat_ports, Limit::nat_block}) ||
      serves_all_destinations(limit))
    return places;
  for (const Workload* user : users_of(scenario, wiring, limit)) {
    for (const ServerOf& server : servers_of(wiring, *user))
      places.push_back({.host = server.host, .process = server.process, .workload = user->name});
  }
  return places;
}

std::vector<Endpoint> endpoints_at(const Scenario& scenario, const DialPlace& place) {
  const Wiring wiring(scenario);
  for (const ServerOf& server : servers_of(wiring, scenario.workloads.at(place.workload))) {
    if (server.host == place.host && server.process == place.process) return server.endpoints;
  }
  return {};
}

std::set<std::uint16_t> ports_among(const std::vector<Endpoint>& endpoints) {
  std::set<std::uint16_t> ports;
  for (const Endpoint& endpoint : endpoints) ports.insert(endpoint.port.value);
  return ports;
}

// Ports that nobody on the host listens at or holds, outside the range of its own automatic ports: behind the last one
// of the program first.
std::vector<Port> free_ports(const HostGroup& host, const Process& process, std::uint16_t behind, std::uint64_t count) {
  std::set<std::uint16_t> taken;
  for (const Process& other : host.processes) {
    for (const Listener& listener : other.listeners) taken.insert(listener.endpoint.port.value);
  }
  const std::uint32_t lowest = process.uid == 0 ? 1 : std::max(1U, host.settings.unprivileged_port_start);
  const auto is_free = [&](std::uint32_t port) {
    const Port one{static_cast<std::uint16_t>(port)};
    const bool held = std::any_of(host.held_ports.begin(), host.held_ports.end(),
                                  [&](const HeldPorts& ports) { return ports.ports.contains(one); });
    const bool left = std::any_of(host.held_connections.begin(), host.held_connections.end(), [&](const auto& ports) {
      return std::any_of(ports.ports.begin(), ports.ports.end(),
                         [&](const auto& range) { return range.contains(one); });
    });
    return port >= lowest && !taken.contains(one.value) && !held && !left &&
           !host.settings.local_port_range.contains(one);
  };
  std::vector<Port> found;
  constexpr std::uint32_t all_ports = 65535;
  for (std::uint32_t step = 1; step < all_ports && found.size() < count; ++step) {
    const std::uint32_t port = (behind + step - 1U) % all_ports + 1U;
    if (is_free(port)) found.push_back(Port{static_cast<std::uint16_t>(port)});
  }
  return found;
}

// Does a workload choose its ports by number on that host, so that a listener could have one of them?
bool names_ports_there(const Scenario& scenario, const std::string& host) {
  return std::any_of(scenario.workloads.begin(), scenario.workloads.end(), [&](const auto& named) {
    return named.second.from_host == host && std::holds_alternative<BindExplicit>(named.second.bind);
  });
}

std::optional<DialRange> server_ports_range(const Scenario& scenario, const Wiring&, const DialPlace& place) {
  if (!scenario.workloads.contains(place.workload)) return std::nullopt;
  const auto ports = ports_among(endpoints_at(scenario, place));
  const Process* const process = process_at(scenario, place);
  if (ports.empty() || process == nullptr || names_ports_there(scenario, place.host)) return std::nullopt;
  const auto free = free_ports(host_at(scenario, place), *process, *ports.rbegin(), most_server_ports);
  return DialRange{ports.size(), ports.size() + free.size()};
}

void turn_server_ports(Scenario& scenario, const DialPlace& place, std::uint64_t before, std::uint64_t figure) {
  Workload& workload = scenario.workloads.at(place.workload);
  const std::vector<Endpoint> endpoints = endpoints_at(scenario, place);
  const auto ports = ports_among(endpoints);
  const Port as{endpoints.front().port};
  Process& process = process_at(scenario, place);
  const std::vector<Listener> listeners = process.listeners;
  for (const Port port : free_ports(host_at(scenario, place), process, *ports.rbegin(), figure - before)) {
    for (Listener listener : listeners) {
      if (listener.endpoint.port != as) continue;
      listener.endpoint.port = port;
      process.listeners.push_back(listener);
    }
    for (const Endpoint& endpoint : endpoints) {
      if (endpoint.port == as) workload.to.push_back({endpoint.address, port});
    }
  }
}

std::string server_ports_value(const Scenario& scenario, const DialPlace& place) {
  return fmt::format("{}", ports_among(endpoints_at(scenario, place)).size());
}

}  // namespace

Knob server_ports_knob() {
  return {.name = "server_ports",
          .unit = "server ports",
          .cost = {.once = 4, .each = 1},
          .against = server_ports_against,
          .range = server_ports_range,
          .turn = turn_server_ports,
          .value = server_ports_value};
}

}  // namespace netlimits::analysis
