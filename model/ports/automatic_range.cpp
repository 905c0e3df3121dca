// The range of an automatic choice, and the ports that none gives.
#include "model/ports/automatic_range.hpp"

#include <algorithm>

#include "model/ports/socket_port_range.hpp"
#include "model/systems/os_profile.hpp"

namespace netlimits {

std::uint32_t port_range_option(const SocketTable& sockets, const SocketRecord& socket, const Rules& rules) {
  const SocketExtras* own = sockets.extras_if_any(socket);
  return own == nullptr || !rules.has(Rule::socket_range_narrows) ? 0 : own->port_range;
}

PortRange automatic_range(const SocketTable& sockets, const SocketRecord& socket, const Settings& settings,
                          RuleAccount& account) {
  const PortRange range = settings.local_port_range;
  const std::uint32_t option = port_range_option(sockets, socket, account.rules());
  if (option == 0) return range;
  const PortRange narrowed = socket_port_range(range, option, account.rules());
  const auto ignored = [&](std::uint32_t bound) {
    return bound != 0 && !range.contains(Port{static_cast<std::uint16_t>(bound)});
  };
  account.mark_if(narrowed != range, Rule::socket_range_narrows);
  account.mark_if(ignored(option & 0xffffU) || ignored(option >> 16U), Rule::socket_range_bound_ignored);
  return narrowed;
}

bool never_automatic(std::uint16_t port, const Configuration& configuration, Rule skips_reserved) {
  const auto in = [port](const PortRange& range) { return range.contains(Port{port}); };
  const auto& reserved = configuration.settings().reserved_ports;
  const auto& never = configuration.profile().never_automatic;
  return (configuration.rules().has(skips_reserved) && std::any_of(reserved.begin(), reserved.end(), in)) ||
         std::any_of(never.begin(), never.end(), in);
}

}  // namespace netlimits
