#include "model/automatic_ports.hpp"

#include <bitset>

namespace netlimits {
namespace {

using PortSet = std::bitset<65536>;

void remove(PortSet& set, const PortRange& range) {
  for (std::uint32_t port = range.first.value; port <= range.last.value; ++port) set.reset(port);
}

}  // namespace

PortCount automatic_port_count(const Settings& settings, const HostGroup& group) {
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
  return {static_cast<std::uint32_t>(usable.count())};
}

}  // namespace netlimits
