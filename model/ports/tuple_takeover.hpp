// When connect() may take the four-tuple of a TIME_WAIT entry.
//
// Source: net/ipv4/tcp_ipv4.c, tcp_twsk_unique; 6.18. Always needed: the old connection used timestamps.
// - by connect() with an automatic port: tcp_tw_reuse is 1; or 2 and one of the two addresses is in 127.0.0.0/8 or is
//   ::1, or the socket was bound to the loopback device (a host's own other address does not count, although its
//   traffic stays on the host); the entry is in TIME_WAIT proper; and tcp_tw_reuse_delay has gone by since it began.
//   Measured earliest on 6.18: 0.09 s for 100 ms, 0.98-0.99 s for 1000 ms, 2.99 s for 3000 ms. Before 6.14 there was no
//   delay setting: more than one second by a clock of whole seconds.
// - by connect() from a bound port: at once, whatever tcp_tw_reuse says.
#pragma once

#include <chrono>

#include "model/net/time.hpp"
#include "model/sockets/socket_record.hpp"
#include "model/systems/rule_book.hpp"
#include "model/systems/rules.hpp"
#include "model/systems/settings.hpp"

namespace netlimits {

// What keeps an automatic choice of connect() from taking the entry at all, however old it is; Rule::none: nothing.
inline Rule takeover_forbidden_by(const SocketRecord& entry, const Settings& settings, const Rules& rules) {
  if (entry.state != TcpState::time_wait) return Rule::connect_skips_four_tuple;
  if (!entry.timestamps && rules.has(Rule::connect_time_wait_without_timestamps))
    return Rule::connect_time_wait_without_timestamps;
  if (settings.time_wait_reuse == TimeWaitReuse::never && rules.has(Rule::connect_time_wait_never))
    return Rule::connect_time_wait_never;
  if (settings.time_wait_reuse != TimeWaitReuse::loopback_only) return Rule::none;
  if (!rules.has(Rule::connect_time_wait_not_loopback)) return Rule::none;
  if (entry.device == loopback_device || entry.local.is_loopback() || entry.remote.is_loopback()) return Rule::none;
  return Rule::connect_time_wait_not_loopback;
}
inline bool reusable_by_automatic_connect(const SocketRecord& entry, const Settings& settings, const Rules& rules) {
  return takeover_forbidden_by(entry, settings, rules) == Rule::none;
}

// From when on, where it may be at all.
inline SimTime reusable_from(SimTime since, const Settings& settings, const Rules& rules) {
  if (!rules.has(Rule::connect_time_wait_too_young)) return since;
  if (rules.has(Rule::connect_time_wait_delay_set)) return since + settings.time_wait_reuse_delay;
  return std::chrono::floor<std::chrono::seconds>(since) + std::chrono::seconds(2);
}

inline bool reusable_by_bound_connect(const SocketRecord& entry, const Rules& rules) {
  return entry.timestamps && entry.counts_as_time_wait() && rules.has(Rule::connect_bound_takes_time_wait);
}

}  // namespace netlimits
