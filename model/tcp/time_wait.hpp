// How long TIME_WAIT and the light FIN_WAIT_2 last. When connect() may take an entry over: ports/tuple_takeover.hpp.
//
// TIME_WAIT lasts 60 s on Linux and no setting changes it (include/net/tcp.h, TCP_TIMEWAIT_LEN); elsewhere
// Settings::time_wait says. Who gets one: the side whose FIN goes out first; both, when the FINs cross; nobody after a
// reset. Measured on 6.18: 60.3 s with tcp_fin_timeout = 5.
#pragma once

#include <algorithm>
#include <chrono>

#include "model/net/time.hpp"

namespace netlimits {

// FIN_WAIT_2 of a closed socket lasts tcp_fin_timeout as a light entry. What exceeds 60 s is first spent as a full
// socket, and then once more as the light entry (net/ipv4/tcp.c __tcp_close, tcp_timer.c tcp_keepalive_timer).
// It is never shorter than 3.5 retransmission timeouts of a connection without delay (tcp_fin_time): 0.7 s.
inline constexpr Duration longest_light_fin_wait = std::chrono::seconds(60);
inline constexpr Duration shortest_fin_wait = std::chrono::milliseconds(700);

struct FinWaitPlan {
  Duration as_full_socket{};
  Duration as_light_entry{};
};
constexpr FinWaitPlan fin_wait_plan(Duration fin_timeout) {
  const Duration total = std::max(fin_timeout, shortest_fin_wait);
  if (total <= longest_light_fin_wait) return {Duration::zero(), total};
  return {total - longest_light_fin_wait, std::max(total - longest_light_fin_wait, shortest_fin_wait)};
}

}  // namespace netlimits
