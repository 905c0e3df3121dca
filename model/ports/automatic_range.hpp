// Which ports an automatic choice looks at: the range, and what is never given.
//
// Source: net/ipv4/inet_connection_sock.c, inet_sk_get_local_port_range, inet_is_local_reserved_port; 6.18.
#pragma once

#include <cstdint>
#include <vector>

#include "model/net/port.hpp"
#include "model/sockets/configuration.hpp"
#include "model/sockets/socket_table.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_account.hpp"

namespace netlimits {

// IP_LOCAL_PORT_RANGE; 0 where the socket or the system has none.
std::uint32_t port_range_option(const SocketTable& sockets, const SocketRecord& socket, const Rules& rules);
// The range of the socket's automatic choices: the sysctl's, narrowed by the option (socket_port_range.hpp).
PortRange automatic_range(const SocketTable& sockets, const SocketRecord& socket, const Settings& settings,
                          RuleAccount& account);

// What the system itself skips, and net.ipv4.ip_local_reserved_ports where the rule that skips them is in force:
// Rule::bind_skips_reserved or Rule::connect_skips_reserved.
bool never_automatic(std::uint16_t port, const Configuration& configuration, Rule skips_reserved);
template <class Visit>
void each_never_automatic(const Configuration& configuration, Rule skips_reserved, Visit&& visit) {
  const auto each = [&visit](const std::vector<PortRange>& ranges) {
    for (const PortRange& range : ranges)
      for (std::uint32_t port = range.first.value; port <= range.last.value; ++port)
        visit(static_cast<std::uint16_t>(port));
  };
  if (configuration.rules().has(skips_reserved)) each(configuration.settings().reserved_ports);
  each(configuration.profile().never_automatic);
}

}  // namespace netlimits
