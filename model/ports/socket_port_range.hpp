// The range that a socket's automatic choice uses: net.ipv4.ip_local_port_range, narrowed by IP_LOCAL_PORT_RANGE.
//
// Each bound of the option counts only if it lies inside the sysctl's range; otherwise it is ignored on its own.
// Source: net/ipv4/inet_connection_sock.c, inet_sk_get_local_port_range; ip(7). Measured on 6.18 with the sysctl at
// 40000-40099: 40010-40019 gives 10 ports, 50000-50009 gives 100, 40095-50009 gives 5.
#pragma once

#include <cstdint>

#include "model/net/port.hpp"
#include "model/systems/rule_book.hpp"
#include "model/systems/rules.hpp"

namespace netlimits {

// `option` is low | high << 16, 0 where the socket has none.
inline PortRange socket_port_range(PortRange sysctl, std::uint32_t option, const Rules& rules) {
  PortRange range = sysctl;
  const Port low{static_cast<std::uint16_t>(option & 0xffffU)};
  const Port high{static_cast<std::uint16_t>(option >> 16U)};
  if (option == 0) return range;
  const auto counts = [&](Port bound) {
    return sysctl.contains(bound) || (bound.value != 0 && !rules.has(Rule::socket_range_bound_ignored));
  };
  if (counts(low)) range.first = low;
  if (counts(high)) range.last = high;
  return range.first <= range.last ? range : sysctl;
}

}  // namespace netlimits
