#include "model/scenario/automatic_ports.hpp"

#include <bitset>

namespace netlimits {
namespace {

using PortSet = std::bitset<65536>;

void remove(PortSet& set, const PortRange& range) {
  for (std::uint32_t port = range.first.value; port <= range.last.value; ++port) set.reset(port);
}

PortSet usable_ports(const Settings& settings, const HostGroup& group) {
  PortSet usable;
  for (std::uint32_t port = settings.local_port_range.first.value; port <= settings.local_port_range.last.value;
       ++port) {
    usable.set(port);
  }
  for (const PortRange& reserved : settings.reserved_ports) remove(usable, reserved);
  for (const PortRange& never : group.profile->never_automatic) remove(usable, never);
  for (const HeldPorts& held : group.held_ports) remove(usable, held.ports);
  for (const Process& process : group.processes) {
    for (const Listener& listener : process.listeners) {
      remove(usable, PortRange{listener.endpoint.port, listener.endpoint.port});
    }
  }
  return usable;
}

}  // namespace

PortCount automatic_port_count(const Settings& settings, const HostGroup& group) {
  return {static_cast<std::uint32_t>(usable_ports(settings, group).count())};
}

PortCount automatic_ports_held(const Settings& settings, const HostGroup& group, PortSharing sharing,
                               const IpAddress& source, const Endpoint& destination) {
  PortSet held;
  for (const HeldConnections& those : group.held_connections) {
    if (sharing != PortSharing::host_port && those.from != source.unmapped()) continue;
    if (sharing == PortSharing::four_tuple &&
        (those.to.port != destination.port || those.to.address != destination.address.unmapped())) {
      continue;
    }
    for (const PortRange& range : those.ports) {
      for (std::uint32_t port = range.first.value; port <= range.last.value; ++port) held.set(port);
    }
  }
  if (held.none()) return {};
  return {static_cast<std::uint32_t>((held & usable_ports(settings, group)).count())};
}

}  // namespace netlimits
