// Addresses of a server that a workload connects to: each is a destination of its own, for which every port may be used
// again (RFC 9293, 3.3.1). A listener at the wildcard address answers at all of them; one at an address of its own gets
// another one beside it.
#include "analysis/plan/knobs/knobs.hpp"
#include "analysis/plan/knobs/parts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "analysis/plan/free_addresses.hpp"

namespace netlimits::analysis {
namespace {

std::vector<DialPlace> server_addresses_against(const Scenario& scenario, const Wiring& wiring,
                                                const PlacedLimit& limit) {
  std::vector<DialPlace> places;
  if (!is_one_of(limit.limit, {Limit::ephemeral_ports, Limit::four_tuple, Limit::nat_ports, Limit::nat_block}) ||
      serves_all_destinations(limit))
    return places;
  for (const Workload* user : users_of(scenario, wiring, limit)) {
    for (const ServerOf& server : servers_of(wiring, *user)) {
      places.push_back({.host = server.host,
                        .process = server.process,
                        .workload = user->name,
                        .family = server.endpoints.front().address.family()});
    }
  }
  return places;
}

std::vector<Endpoint> destinations_at(const Wiring& wiring, const Workload& workload, const DialPlace& place) {
  for (const ServerOf& server : servers_of(wiring, workload)) {
    if (server.host == place.host && server.process == place.process) return server.endpoints;
  }
  return {};
}

std::uint64_t addresses_among(const std::vector<Endpoint>& endpoints) {
  std::set<IpAddress> addresses;
  for (const Endpoint& endpoint : endpoints) addresses.insert(endpoint.address.unmapped());
  return addresses.size();
}

bool at_wildcard(const Process& process) {
  return std::all_of(process.listeners.begin(), process.listeners.end(),
                     [](const Listener& listener) { return listener.endpoint.address.is_wildcard(); });
}

std::optional<DialRange> server_addresses_range(const Scenario& scenario, const Wiring& wiring,
                                                const DialPlace& place) {
  const auto found = scenario.workloads.find(place.workload);
  if (found == scenario.workloads.end()) return std::nullopt;
  const auto endpoints = destinations_at(wiring, found->second, place);
  const HostGroup& host = host_at(scenario, place);
  const bool one_family = std::all_of(found->second.to.begin(), found->second.to.end(),
                                      [&](const Endpoint& to) { return to.address.family() == place.family; });
  // Of a group each host would need a listener at an address of its own.
  if (endpoints.empty() || !one_family || host.count > 1 || !last_address_of(host, place.family)) return std::nullopt;
  return DialRange{addresses_among(endpoints), most_of_a_kind};
}

void turn_server_addresses(Scenario& scenario, const DialPlace& place, std::uint64_t before, std::uint64_t figure) {
  Workload& workload = scenario.workloads.at(place.workload);
  HostGroup& host = host_at(scenario, place);
  Process& process = process_at(scenario, place);
  const std::vector<Endpoint> endpoints = destinations_at(Wiring(scenario), workload, place);
  std::set<std::uint16_t> ports;
  for (const Endpoint& endpoint : endpoints) ports.insert(endpoint.port.value);
  const auto added = add_addresses(scenario, host, place.family, figure - before);
  const std::vector<Listener> listeners = process.listeners;
  const bool follow = at_wildcard(process);
  for (const IpAddress& address : added) {
    for (const std::uint16_t port : ports) {
      const auto same = std::find_if(listeners.begin(), listeners.end(), [&](const Listener& one) {
        return one.endpoint.port.value == port && !one.endpoint.address.is_wildcard();
      });
      if (!follow && same != listeners.end()) {
        process.listeners.push_back(*same);
        process.listeners.back().endpoint.address = address;
      }
      for (std::uint64_t i = 0; i < host.count; ++i)
        workload.to.push_back({address.plus(i * host.address_stride), Port{port}});
    }
  }
}

std::string server_addresses_value(const Scenario& scenario, const DialPlace& place) {
  const Workload& workload = scenario.workloads.at(place.workload);
  return fmt::format("{}", addresses_among(destinations_at(Wiring(scenario), workload, place)));
}

}  // namespace

Knob server_addresses_knob() {
  return {.name = "server_addresses",
          .unit = "server addresses",
          .cost = {.once = 5, .each = 1},
          .against = server_addresses_against,
          .range = server_addresses_range,
          .turn = turn_server_addresses,
          .value = server_addresses_value};
}

}  // namespace netlimits::analysis
