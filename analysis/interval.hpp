// A figure of which a real kernel may leave something to chance: all values from `min` to `max` can come out.
#pragma once

#include <compare>
#include <cstdint>

namespace netlimits::analysis {

struct Interval {  // Invariant: min <= max.
  std::uint64_t min = 0;
  std::uint64_t max = 0;

  static constexpr Interval exactly(std::uint64_t value) { return {value, value}; }
  constexpr bool exact() const { return min == max; }
  constexpr bool contains(std::uint64_t value) const { return min <= value && value <= max; }
  auto operator<=>(const Interval&) const = default;
};

}  // namespace netlimits::analysis
