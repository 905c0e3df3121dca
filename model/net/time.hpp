// Virtual time: a 64-bit count of nanoseconds since the start of a scenario.
//
// The clock has no now(): the model never reads a real clock, and the compiler refuses to mix the two.
#pragma once

#include <chrono>
#include <cstdint>

namespace netlimits {

using Duration = std::chrono::duration<std::int64_t, std::nano>;

struct SimClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<SimClock>;
  static constexpr bool is_steady = true;
};

using SimTime = SimClock::time_point;

inline constexpr SimTime time_zero{};
inline constexpr SimTime end_of_time = SimTime::max();

}  // namespace netlimits
