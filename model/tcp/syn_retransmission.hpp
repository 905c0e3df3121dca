// When a SYN without an answer is sent again, and when connect() gives up.
//
// Source: net/ipv4/tcp_timer.c, tcp_retransmit_timer and tcp_write_timeout; 6.18. The first timeout is 1 s. Up to
// tcp_syn_linear_timeouts (default 4; since 6.5) it stays 1 s, then it doubles each time up to 120 s. ETIMEDOUT comes
// at the first timeout at which the SYN was sent again tcp_syn_retries + tcp_syn_linear_timeouts times, or at which as
// much time has passed as tcp_syn_retries doubling timeouts take (retransmits_timed_out, tcp_model_timeout). Measured
// on 6.18 with 4 linear ones: 3.07, 7.13, 19.4, 35.6, 68.5 s for 1 to 5 retries; with 1: 4.06, 8.29, 16.5, 32.6 s for 1
// to 4.
// Defaults: sent again at 1, 2, 3, 4, 5, 7, 11, 19, 35 and 67 s, ETIMEDOUT at 131 s. Measured on 6.18: 1.0, 2.1, 3.1,
// 4.1, 5.1, 7.1, 11.3, 19.5, 35.6, 68.9 s and 133-135 s; the excess is the slack of the kernel's long timers.
// Before 6.5: 1, 3, 7, 15, 31, 63 s, ETIMEDOUT at 127 s.
// When exactly the kernel sends one again: model/tcp/timer_wheel.hpp.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "model/net/time.hpp"
#include "model/systems/rule_book.hpp"
#include "model/systems/rules.hpp"
#include "model/systems/settings.hpp"

namespace netlimits {

inline constexpr Duration first_syn_timeout = std::chrono::seconds(1);
inline constexpr Duration longest_syn_timeout = std::chrono::seconds(120);

// 1, 2, 4, ... s.
constexpr Duration doubled_timeout(std::uint32_t doublings) {
  return doublings >= 7 ? longest_syn_timeout : std::min(first_syn_timeout * (1 << doublings), longest_syn_timeout);
}

inline std::uint32_t linear_syn_timeouts(const Settings& settings, const Rules& rules) {
  return rules.has(Rule::connect_linear_syn_timeouts) ? settings.syn_linear_timeouts : 0;
}

// The time from the SYN's transmission number `sent_again` (0: the first SYN) to the next timeout.
inline Duration syn_timeout(std::uint32_t sent_again, const Settings& settings, const Rules& rules) {
  const std::uint32_t linear = linear_syn_timeouts(settings, rules);
  return doubled_timeout(sent_again > linear ? sent_again - linear : 0);
}

// From the first SYN to the end of the timeout number `sent_again`.
inline Duration syn_due(std::uint32_t sent_again, const Settings& settings, const Rules& rules) {
  Duration sum{};
  for (std::uint32_t sent = 0; sent <= sent_again; ++sent) sum += syn_timeout(sent, settings, rules);
  return sum;
}

// The time that so many doubling timeouts take, and the one after the last.
inline Duration doubling_syn_timeouts(std::uint32_t retries) {
  Duration sum{};
  for (std::uint32_t sent = 0; sent <= retries; ++sent) sum += doubled_timeout(sent);
  return sum;
}

// How many times the SYN is sent again in all. `retries`: TCP_SYNCNT.
inline std::uint32_t syn_retransmissions(std::uint32_t retries, const Settings& settings, const Rules& rules) {
  const std::uint32_t most = retries + linear_syn_timeouts(settings, rules);
  const Duration enough = doubling_syn_timeouts(retries);
  Duration passed{};
  for (std::uint32_t again = 0; again < most; ++again) {
    passed += syn_timeout(again, settings, rules);
    if (passed >= enough) return again;
  }
  return most;
}
inline std::uint32_t syn_retransmissions(const Settings& settings, const Rules& rules) {
  return syn_retransmissions(settings.syn_retries, settings, rules);
}

// A half-open request's SYN+ACK: 1, 2, 4, ... s (net/ipv4/inet_connection_sock.c, reqsk_timer_handler).
constexpr Duration synack_timeout(std::uint32_t sent_again) { return doubled_timeout(sent_again); }

// What becomes of a request whose SYN+ACK's timer runs off: given up, or sent another one. With TCP_DEFER_ACCEPT one
// that was acknowledged waits for data, and asks for another ACK when that time is over (net/ipv4/
// inet_connection_sock.c, syn_ack_recalc). `timeouts`: before this one; `deferred`: TCP_DEFER_ACCEPT's.
struct SynAckPlan {
  bool given_up = false;
  bool repeated = true;
};
constexpr SynAckPlan synack_plan(std::uint32_t timeouts, std::uint32_t allowed, std::uint32_t deferred,
                                 bool acknowledged) {
  const bool waits = deferred > 0 && acknowledged;
  return {.given_up = timeouts >= allowed && (!waits || timeouts >= deferred),
          .repeated = !waits || timeouts + 1 >= deferred};
}

// How often the SYN+ACK may be repeated. Old requests go early when more than half of the queue is in use and young
// ones are few: room is kept for the young.
constexpr std::uint32_t synack_retransmissions(std::uint32_t setting, std::uint32_t half_open, std::uint32_t young,
                                               std::uint32_t backlog) {
  std::uint32_t allowed = setting;
  if (std::uint64_t{half_open} * 2 <= std::max<std::uint64_t>(8, backlog)) return allowed;
  for (std::uint64_t room = std::uint64_t{young} * 2; allowed > 2 && half_open >= room; room *= 2) --allowed;
  return allowed;
}

}  // namespace netlimits
