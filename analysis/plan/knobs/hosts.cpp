// Hosts of a group: each brings descriptors, addresses and ports of its own. A host that is connected to, straight or
// through a balancer, is joined by the new ones wherever the first of its group is named.
#include "analysis/plan/knobs/knobs.hpp"
#include "analysis/plan/knobs/parts.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/plan/free_addresses.hpp"

namespace netlimits::analysis {
namespace {

std::vector<DialPlace> hosts_against(const Scenario& scenario, const Wiring& wiring, const PlacedLimit& limit) {
  std::vector<DialPlace> places;
  if (!is_one_of(limit.limit, {Limit::fd_per_process, Limit::fd_per_host, Limit::ephemeral_ports, Limit::four_tuple,
                               Limit::port_in_use, Limit::listen_backlog, Limit::accept_rate, Limit::nat_block}))
    return places;
  places = its_host(limit);
  const bool at_clients = limit.limit == Limit::nat_block;
  // Each of them is a destination of its own.
  const bool at_servers = is_one_of(limit.limit, {Limit::ephemeral_ports, Limit::four_tuple, Limit::nat_block}) &&
                          !serves_all_destinations(limit);
  if (!at_clients && !at_servers) return places;
  for (const Workload* user : users_of(scenario, wiring, limit)) {
    if (at_clients) places.push_back({.host = user->from_host});
    for (const ServerOf& server : servers_of(wiring, *user)) places.push_back({.host = server.host});
  }
  return places;
}

// May there be several hosts like this one? Those of a group have no address in common, and nothing of old is known of
// more than the one that was measured.
bool can_be_several(const Scenario& scenario, const HostGroup& host) {
  const bool gets_address = std::any_of(scenario.events.begin(), scenario.events.end(), [&](const Event& event) {
    const auto* const added = std::get_if<AddressAdded>(&event.what);
    return added != nullptr && added->host == host.name;
  });
  if (gets_address) return false;
  if (host.count > 1) return host.held_connections.empty();
  const bool listens_anywhere = std::all_of(host.processes.begin(), host.processes.end(), [](const Process& process) {
    return std::all_of(process.listeners.begin(), process.listeners.end(), [](const Listener& listener) {
      return listener.endpoint.address.is_wildcard() || listener.endpoint.address.is_loopback();
    });
  });
  const bool holds_anywhere = std::all_of(host.held_ports.begin(), host.held_ports.end(), [](const HeldPorts& held) {
    return held.address.is_wildcard() || held.address.is_loopback();
  });
  return listens_anywhere && holds_anywhere && host.held_connections.empty() && !host.origin;
}

bool in_a_row(const HostGroup& host) {
  for (std::size_t i = 1; i < host.addresses.size(); ++i) {
    const IpAddress& before = host.addresses[i - 1].address;
    if (before.family() != host.addresses[i].address.family() || before.plus(1) != host.addresses[i].address)
      return false;
  }
  return true;
}

std::uint64_t stride_of(const HostGroup& host) {
  if (host.count > 1) return host.address_stride;
  return in_a_row(host) ? std::max<std::uint64_t>(1, host.addresses.size()) : 1;
}

// As many hosts as the addresses behind those of the group allow.
std::uint64_t most_hosts_of(const Scenario& scenario, const HostGroup& host) {
  const FreeAddresses free(scenario, &host);
  const std::uint64_t stride = stride_of(host);
  std::uint64_t most = most_of_a_kind;
  for (const AddressBlock& block : host.addresses) {
    std::uint64_t room = free.free_from(block.address);
    for (const AddressBlock& other : host.addresses) {
      // Addresses of one host that lie apart: the next ones of the group come to them.
      const bool behind = other.address.family() == block.address.family() &&
                          other.address.high() == block.address.high() && other.address.low() > block.address.low();
      if (!behind) continue;
      const std::uint64_t apart = other.address.low() - block.address.low();
      if (apart % stride == 0) room = std::min(room, apart);
    }
    most = std::min(most, (room + stride - 1) / stride);
  }
  return most;
}

// Each host behind a gateway has a block, or nothing.
std::uint64_t most_behind_gateways(const Scenario& scenario, const HostGroup& host) {
  std::uint64_t most = most_of_a_kind;
  for (const auto& [name, gateway] : scenario.gateways) {
    if (gateway.nat.block == 0 ||
        std::find(gateway.hosts.begin(), gateway.hosts.end(), host.name) == gateway.hosts.end())
      continue;
    std::uint64_t others = 0;
    for (const std::string& other : gateway.hosts) {
      if (other != host.name) others += scenario.hosts.at(other).count;
    }
    // Of each family that the gateway has addresses of.
    std::uint64_t addresses = gateway.addresses.size();
    for (const Family family : {Family::inet, Family::inet6}) {
      const auto of = static_cast<std::uint64_t>(
          std::count_if(gateway.addresses.begin(), gateway.addresses.end(),
                        [&](const IpAddress& address) { return address.family() == family; }));
      if (of > 0) addresses = std::min(addresses, of);
    }
    const std::uint64_t blocks = gateway.nat.ports.size().value / gateway.nat.block * addresses;
    most = std::min(most, blocks > others ? blocks - others : 0);
  }
  return most;
}

std::optional<DialRange> hosts_range(const Scenario& scenario, const Wiring&, const DialPlace& place) {
  const HostGroup& host = host_at(scenario, place);
  if (!can_be_several(scenario, host)) return std::nullopt;
  const std::uint64_t most = std::min(most_hosts_of(scenario, host), most_behind_gateways(scenario, host));
  if (most <= host.count) return std::nullopt;
  return DialRange{host.count, most};
}

bool is_of_first(const HostGroup& host, const IpAddress& address) {
  return std::any_of(host.addresses.begin(), host.addresses.end(),
                     [&](const AddressBlock& block) { return block.address.unmapped() == address.unmapped(); });
}

void join(std::vector<Endpoint>& endpoints, const HostGroup& host, std::uint64_t before) {
  const std::vector<Endpoint> known = endpoints;
  for (std::uint64_t i = before; i < host.count; ++i) {
    for (const Endpoint& endpoint : known) {
      if (is_of_first(host, endpoint.address))
        endpoints.push_back({endpoint.address.plus(i * host.address_stride), endpoint.port});
    }
  }
}

void turn_hosts(Scenario& scenario, const DialPlace& place, std::uint64_t before, std::uint64_t figure) {
  HostGroup& host = host_at(scenario, place);
  host.address_stride = stride_of(host);
  host.count = figure;
  for (auto& [name, workload] : scenario.workloads) join(workload.to, host, before);
  for (auto& [name, balancer] : scenario.balancers) join(balancer.back_ends, host, before);
}

std::string hosts_value(const Scenario& scenario, const DialPlace& place) {
  return fmt::format("{}", host_at(scenario, place).count);
}

}  // namespace

Knob hosts_knob() {
  return {.name = "hosts",
          .unit = "hosts",
          .cost = {.once = 20, .each = 20},
          .against = hosts_against,
          .range = hosts_range,
          .turn = turn_hosts,
          .value = hosts_value};
}

}  // namespace netlimits::analysis
