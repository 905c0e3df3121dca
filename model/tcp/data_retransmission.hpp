// When a segment that nobody acknowledges is sent again, and when its sender gives up; on a connection without delay.
//
// The shortest timeout is 0.2 s. Data is first repeated by a tail loss probe after that time, by the first
// retransmission timeout 0.2 s behind it, and then after twice the time before, at most tcp_retries2 times.
// Source: net/ipv4/tcp_output.c, tcp_schedule_loss_probe; net/ipv4/tcp_timer.c, tcp_retransmit_timer; 6.18.
// An orphan's FIN is repeated from 0.2 s on, doubling; tcp_orphan_retries 0 means 8. Defaults: 102.2 s.
// Source: net/ipv4/tcp_timer.c, tcp_orphan_retries, retransmits_timed_out; 6.18.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

#include <boost/assert.hpp>

#include "model/net/time.hpp"

namespace netlimits {

inline constexpr Duration shortest_retransmission_timeout = std::chrono::milliseconds(200);  // TCP_RTO_MIN
inline constexpr std::uint32_t data_retransmissions = 15;  // tcp_retries2, its default

// From repetition number `repeated` (0: the first sending) to the next one. Requires: repeated <= data_retransmissions.
constexpr Duration data_timeout(std::uint32_t repeated) {
  BOOST_ASSERT_MSG(repeated <= data_retransmissions, "data_timeout: repeated at most tcp_retries2 times");
  return shortest_retransmission_timeout * (1L << (repeated == 0 ? 0 : repeated - 1));
}

// With TCP_USER_TIMEOUT the next timeout comes no later than that time is over (net/ipv4/tcp_timer.c,
// tcp_clamp_rto_to_user_timeout). `patience`: zero for none. `passed`: of it.
constexpr Duration within_user_timeout(Duration timeout, Duration patience, Duration passed) {
  constexpr Duration at_once = std::chrono::milliseconds(4);  // one tick of the clock
  if (patience == Duration::zero()) return timeout;
  return std::min(timeout, std::max(patience - passed, at_once));
}

// How often an orphan's FIN is repeated. `retries`: tcp_orphan_retries.
constexpr std::uint32_t fin_retransmissions(std::uint32_t retries) {
  constexpr std::uint32_t where_zero = 8;
  return std::min<std::uint32_t>(retries == 0 ? where_zero : retries, 16);
}

// From repetition number `repeated` (0: the first sending) of such a FIN to the next one. Nothing: it was the last.
constexpr std::optional<Duration> fin_timeout(std::uint32_t repeated, std::uint32_t retries) {
  if (repeated >= fin_retransmissions(retries)) return std::nullopt;
  return shortest_retransmission_timeout * (std::int64_t{1} << repeated);
}

// How long an orphan is kept whose FIN nobody acknowledges: until the wait behind the last repetition is over.
constexpr Duration orphan_patience(std::uint32_t retries) {
  return shortest_retransmission_timeout * ((2LL << fin_retransmissions(retries)) - 1);
}

}  // namespace netlimits
