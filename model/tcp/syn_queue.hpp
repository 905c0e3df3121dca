// What a listener does with a SYN: the order of the tests.
//
// Source: net/ipv4/tcp_input.c, tcp_conn_request; 6.18. A SYN that takes over a TIME_WAIT entry skips the first and the
// third test.
//   1. the half-open queue is full, or tcp_syncookies is 2: with syncookies a cookie, without them the SYN is dropped
//   2. the accept queue is full: dropped
//   3. without syncookies, less than a quarter of tcp_max_syn_backlog left: dropped, but for known peers (KnownPeers)
// Measured on 6.18, 6.12.117 and 6.1.192: the half-open queue holds b + 1 (11 for b = 10, 65 for b = 64). With
// syncookies = 0 and strangers 97 of 128, 13 of 16; with known peers 300 of 300; with syncookies = 1
// tcp_max_syn_backlog has no effect, contrary to its documentation.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "model/systems/rule_book.hpp"
#include "model/systems/rules.hpp"
#include "model/systems/settings.hpp"

namespace netlimits {

enum class SynAnswer : std::uint8_t { keep, cookie, half_open_full, accept_queue_full, strangers_full };

struct SynQueueState {
  std::uint32_t backlog = 0;
  std::uint32_t half_open = 0;
  bool accept_queue_full = false;
  bool over_time_wait = false;  // takes over a TIME_WAIT entry
  bool known_peer = false;
};

// Without syncookies: is so little of tcp_max_syn_backlog left that a peer must be known?
constexpr bool left_to_known_peers(const SynQueueState& state, const Settings& settings) {
  if (state.over_time_wait || settings.syncookies != SynCookies::off) return false;
  const std::int64_t left = std::int64_t{settings.max_syn_backlog} - state.half_open;
  return left < std::int64_t{settings.max_syn_backlog >> 2U};
}

// How many requests it holds at once by its backlog. Before 4.4 it was a table of its own, made by listen(), whose size
// was rounded up: 7 gives 16, 123 gives 128, and 511 with the somaxconn of that time, 128, gives 256.
inline std::uint64_t syn_queue_room(std::uint32_t backlog, const Settings& settings, const Rules& rules) {
  if (!rules.has(Rule::syn_queue_rounded))
    return std::uint64_t{backlog} + (rules.has(Rule::syn_queue_one_more) ? 1 : 0);
  constexpr std::uint64_t least = 8;
  const std::uint64_t entries = std::max(least, std::uint64_t{std::min(backlog, settings.max_syn_backlog)});
  return std::bit_ceil(entries + 1);
}

// The same, of strangers.
inline std::uint64_t syn_queue_capacity(std::uint32_t backlog, const Settings& settings, const Rules& rules) {
  const std::uint64_t room = syn_queue_room(backlog, settings, rules);
  if (settings.syncookies != SynCookies::off) return room;
  // The last one is let in while exactly a quarter is left.
  return std::min(room, std::uint64_t{settings.max_syn_backlog} - (settings.max_syn_backlog >> 2U) + 1);
}

inline SynAnswer answer_to_syn(const SynQueueState& state, const Settings& settings, const Rules& rules) {
  bool cookie = false;
  if (!state.over_time_wait) {
    const bool full = state.half_open >= syn_queue_room(state.backlog, settings, rules);
    if (settings.syncookies == SynCookies::always || full) {
      if (settings.syncookies == SynCookies::off) return SynAnswer::half_open_full;
      cookie = true;
    }
  }
  if (state.accept_queue_full) return SynAnswer::accept_queue_full;
  if (cookie) return SynAnswer::cookie;
  if (left_to_known_peers(state, settings) && !state.known_peer) return SynAnswer::strangers_full;
  return SynAnswer::keep;
}

}  // namespace netlimits
