// What names a socket, and what it can be asked.
#pragma once

#include <compare>
#include <cstdint>

namespace netlimits {

// A socket of one host. Never reused while a timer or notice for it can be pending (it carries a generation).
struct SocketId {
  std::uint32_t index = 0xffffffffU;
  std::uint32_t generation = 0;
  auto operator<=>(const SocketId&) const = default;
};

struct ProcessId {
  std::uint32_t value = 0;
  auto operator<=>(const ProcessId&) const = default;
};

enum class SocketType : std::uint8_t { stream, dgram };

enum class TcpState : std::uint8_t {
  closed,
  listen,
  syn_sent,
  syn_received,
  established,
  fin_wait_1,
  fin_wait_2,
  close_wait,
  closing,
  last_ack,
  time_wait,
};

enum class Option : std::uint8_t {
  reuse_address,     // SO_REUSEADDR
  reuse_port,        // SO_REUSEPORT
  v6_only,           // IPV6_V6ONLY
  bind_no_port,      // IP_BIND_ADDRESS_NO_PORT
  free_bind,         // IP_FREEBIND
  transparent,       // IP_TRANSPARENT
  local_port_range,  // IP_LOCAL_PORT_RANGE: low | high << 16
  linger,            // SO_LINGER: -1 off, else seconds
  error,             // SO_ERROR (get only)
  bind_to_device,    // SO_BINDTODEVICE: 0 none, 1 "lo", 2 and up: HostConfig::devices in their order
  accept_conn,       // SO_ACCEPTCONN (get only)
  keep_alive,        // SO_KEEPALIVE
  keep_idle,         // TCP_KEEPIDLE, in seconds
  keep_interval,     // TCP_KEEPINTVL, in seconds
  keep_count,        // TCP_KEEPCNT
  syn_count,         // TCP_SYNCNT
  fin_wait_2,        // TCP_LINGER2, in seconds; below 0: no FIN_WAIT_2 without a program
  defer_accept,      // TCP_DEFER_ACCEPT, in seconds
  user_timeout,      // TCP_USER_TIMEOUT, in milliseconds
  receive_buffer,    // SO_RCVBUF, in bytes
  send_buffer,       // SO_SNDBUF, in bytes
};

}  // namespace netlimits
