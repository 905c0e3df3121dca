// Looks through everything of a host that has an address.
#include "model/machine/ipv6_switch.hpp"

namespace netlimits {

bool switch_ipv6_off(HostGroup& host) {
  const auto needs_ipv6 = [](const IpAddress& address) {
    return !address.unmapped().is_v4() && !address.is_wildcard();
  };
  for (const AddressBlock& block : host.addresses) {
    if (needs_ipv6(block.address)) return false;
  }
  for (const HeldPorts& held : host.held_ports) {
    if (needs_ipv6(held.address)) return false;
  }
  for (const HeldConnections& held : host.held_connections) {
    if (needs_ipv6(held.from)) return false;
  }
  for (const Process& process : host.processes) {
    for (const Listener& listener : process.listeners) {
      if (needs_ipv6(listener.endpoint.address)) return false;
    }
  }
  host.settings.ipv6_disabled = true;
  host.set_by_scenario["net.ipv6.conf.all.disable_ipv6"] = std::to_string(1);
  return true;
}

}  // namespace netlimits
