// When a timer of the kernel runs off: later than it was set for, together with its neighbours.
//
// Source: kernel/time/timer.c, calc_wheel_index and calc_index (since 4.8): the longer a timer has to wait, the coarser
// the slots that it may be put in, an eighth of the wait or finer, and it goes into the slot after its moment. A tick
// is 4 ms (CONFIG_HZ=250, the default, Debian's and Ubuntu's until 24.04), so timers of 0.25 to 2 s come together every
// 32 ms, those up to 16 s every 256 ms and those up to 129 s every 2.048 s. Measured on 6.18: of SYNs that are repeated
// after a second eight or nine come at once at 247 a second.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

#include "model/net/time.hpp"

namespace netlimits {

inline constexpr Duration timer_tick = std::chrono::milliseconds(4);

// The end of the slot that `due` is in, for a timer that was set `wait` earlier. Slots are counted from the beginning
// of the simulation; where a kernel's are, its start decides. Requires: due and wait are not negative.
constexpr SimTime timer_runs_off(SimTime due, Duration wait) {
  constexpr std::array<std::int64_t, 4> first_wait_of_level{63, 504, 4032, 32256};  // in ticks
  unsigned level = 0;
  for (const std::int64_t first : first_wait_of_level) level += wait / timer_tick >= first ? 1U : 0U;
  const std::int64_t slot = ((due - time_zero) / timer_tick >> (3U * level)) + 1;
  return time_zero + timer_tick * (slot << (3U * level));
}

}  // namespace netlimits
