// When connect() may take the four-tuple of a TIME_WAIT entry.
//
// Source: net/ipv4/tcp_ipv4.c, tcp_twsk_unique; 6.18. Always needed: the old connection used timestamps.
// - by connect() with an automatic port: tcp_tw_reuse is 1; or 2 and one of the two addresses is in 127.0.0.0/8 or is
//   ::1, or the socket was bound to the loopback device (a host's own other address does not count, although its
//   traffic stays on the host); the entry is in TIME_WAIT proper; and tcp_tw_reuse_delay has gone by since it began.
//   Measured earliest on 6.18: 0.09 s for 100 ms, 0.98-0.99 s for 1000 ms, 2.99 s for 3000 ms. Before 6.14 there was no
//   delay setting, but a clock of whole seconds that has to have moved on: anything up to one second, by chance (192
//   entries each on 6.1.192 and 6.12.117, asked for after 0 to 2.3 s: taken over if and only if the monotonic clock's
//   second was another one, but for two within a few milliseconds of its change).
// - by connect() from a bound port: at once, whatever tcp_tw_reuse says.
#pragma once

#include <chrono>
#include <cstdint>

#include "model/net/time.hpp"
#include "model/sockets/socket_record.hpp"
#include "model/systems/rule_book.hpp"
#include "model/systems/rules.hpp"
#include "model/systems/settings.hpp"

namespace netlimits {

// When a kernel's clock of whole seconds changes. Nobody outside knows: a simulation has its own time, and a model that
// follows a kernel has to allow what any clock could have led it to.
enum class SecondsClock : std::uint8_t { of_virtual_time, changes_at_once, changes_late };

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
inline SimTime reusable_from(SimTime since, const Settings& settings, const Rules& rules,
                             SecondsClock clock = SecondsClock::of_virtual_time) {
  if (!rules.has(Rule::connect_time_wait_too_young)) return since;
  if (rules.has(Rule::connect_time_wait_delay_set)) return since + settings.time_wait_reuse_delay;
  if (clock == SecondsClock::changes_at_once) return since;
  constexpr std::chrono::seconds second{1};
  if (clock == SecondsClock::changes_late) return since + second;
  return std::chrono::floor<std::chrono::seconds>(since) + second;
}

inline bool reusable_by_bound_connect(const SocketRecord& entry, const Rules& rules) {
  return entry.timestamps && entry.counts_as_time_wait() && rules.has(Rule::connect_bound_takes_time_wait);
}

}  // namespace netlimits
