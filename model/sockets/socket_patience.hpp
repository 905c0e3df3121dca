// How long one socket waits before it gives up, and the sizes of its buffers: what its options say of it beside the
// settings of its host.
//
// Source: net/ipv4/tcp.c do_tcp_setsockopt, do_tcp_getsockopt, secs_to_retrans, retrans_to_secs; net/core/sock.c
// sk_setsockopt; 6.18. All of it measured on 6.18.
#pragma once

#include <algorithm>
#include <cstdint>

#include "model/net/time.hpp"

namespace netlimits {

// 0 where the option was never set: the host's setting counts.
struct SocketPatience {
  std::uint32_t keep_idle = 0;      // s
  std::uint32_t keep_interval = 0;  // s
  std::uint32_t user_timeout = 0;   // ms
  std::int32_t fin_wait_2 = 0;      // s; below 0: none
  std::uint8_t keep_count = 0;
  std::uint8_t syn_count = 0;
  std::uint8_t defer_accept = 0;  // timeouts of the SYN+ACK; a listener's own, which what it accepts does not inherit
  bool keep_alive = false;
  std::uint32_t receive_buffer = 0;  // bytes, as getsockopt() tells them
  std::uint32_t send_buffer = 0;

  bool operator==(const SocketPatience&) const = default;
};

// The settings net.ipv4.tcp_keepalive_time, _intvl and _probes, at their defaults.
inline constexpr std::uint32_t usual_keep_idle = 7200;
inline constexpr std::uint32_t usual_keep_interval = 75;
inline constexpr std::uint32_t usual_keep_count = 9;

inline constexpr std::int32_t longest_keep_idle = 32767;  // MAX_TCP_KEEPIDLE, MAX_TCP_KEEPINTVL
inline constexpr std::int32_t most_keep_count = 127;      // MAX_TCP_KEEPCNT, MAX_TCP_SYNCNT
inline constexpr std::int32_t longest_fin_wait_2 = 120;   // TCP_FIN_TIMEOUT_MAX

// TCP_DEFER_ACCEPT counts in timeouts of 1, 2, 4, ... s, at most 120 s each; a part of one is one.
constexpr std::uint8_t timeouts_within(std::int32_t seconds) {
  if (seconds <= 0) return 0;
  std::uint8_t timeouts = 1;
  std::int64_t timeout = 1;
  for (std::int64_t period = 1; seconds > period && timeouts < 255; period += timeout) {
    ++timeouts;
    timeout = std::min<std::int64_t>(timeout * 2, 120);
  }
  return timeouts;
}
constexpr std::int64_t seconds_of_timeouts(std::uint8_t timeouts) {
  std::int64_t period = 0;
  std::int64_t timeout = 1;
  for (; timeouts > 0; --timeouts) {
    period += timeout;
    timeout = std::min<std::int64_t>(timeout * 2, 120);
  }
  return period;
}

// The kernel doubles what it is asked for, within these bounds; a negative size is a huge one. `ceiling`:
// net.core.rmem_max or net.core.wmem_max.
inline constexpr std::uint32_t least_receive_buffer = 2304;  // SOCK_MIN_RCVBUF: a page's half and a packet's record
inline constexpr std::uint32_t least_send_buffer = 4608;     // SOCK_MIN_SNDBUF
inline constexpr std::uint32_t usual_buffer_ceiling = 4U << 20U;
inline constexpr std::uint32_t older_buffer_ceiling = 212992;
constexpr std::uint32_t buffer_for(std::int32_t asked, std::uint32_t ceiling, std::uint32_t least) {
  return std::max(std::min(static_cast<std::uint32_t>(asked), ceiling) * 2, least);
}
// Before anything was asked for: tcp_rmem, tcp_wmem, and net.core.rmem_default, which is that of sending too.
inline constexpr std::uint32_t usual_stream_receive_buffer = 131072;
inline constexpr std::uint32_t usual_stream_send_buffer = 16384;
inline constexpr std::uint32_t usual_datagram_buffer = 212992;

}  // namespace netlimits
