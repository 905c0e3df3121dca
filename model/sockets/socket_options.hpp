// The options of a socket: setsockopt() and getsockopt(), as far as an option is a matter of the socket alone.
//
// Source: net/core/sock.c sk_setsockopt, net/ipv4/ip_sockglue.c do_ip_setsockopt, net/ipv6/ipv6_sockglue.c
// do_ipv6_setsockopt; 6.18. Errors: model/host/host.hpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/sockets/socket_table.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/refusal.hpp"

namespace netlimits {

// Who sets an option, and on which host.
struct OptionSetter {
  bool privileged = false;  // CAP_NET_RAW
  std::size_t devices = 0;  // that the host has beside loopback
};

// Does the socket have the option at all?
Outcome<void> has_option(const SocketRecord& socket, Option option, const Rules& rules);
Outcome<void> set_option(SocketTable& sockets, SocketIndex index, Option option, std::int64_t value,
                         const OptionSetter& setter, const Rules& rules);
// SO_RCVBUF and SO_SNDBUF: 0 where the size is one that the kernel chooses by itself and changes.
Outcome<std::int64_t> get_option(SocketTable& sockets, SocketIndex index, Option option, const Settings& settings,
                                 const Rules& rules);
std::optional<Error> take_error(SocketRecord& socket);  // SO_ERROR: clears it

// What IP_LOCAL_PORT_RANGE takes: low | high << 16, EINVAL for low > high with both set.
constexpr bool legal_port_range_option(std::uint32_t option) {
  const std::uint32_t low = option & 0xffffU;
  const std::uint32_t high = option >> 16U;
  return low == 0 || high == 0 || low <= high;
}

}  // namespace netlimits
