// Sums and products of times and counts that stop at the last value there is instead of wrapping round.
//
// A scenario may name times of up to 100 years and counts of up to 10^8; what is drawn from a mean, or comes after
// another time, can lie beyond the 292 years that 64 bits of nanoseconds hold. What lies there is at the end of time:
// nobody waits for it. Everything that adds to or multiplies a time that a user gave does it here.
#pragma once

#include <cstdint>
#include <limits>

#include "model/net/time.hpp"

namespace netlimits {

inline constexpr std::uint64_t most_count = std::numeric_limits<std::uint64_t>::max();

constexpr std::uint64_t bounded_product(std::uint64_t a, std::uint64_t b) {
  std::uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? most_count : product;
}

constexpr std::uint64_t bounded_sum(std::uint64_t a, std::uint64_t b) {
  std::uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? most_count : sum;
}

// Requires: time is not negative.
constexpr Duration bounded_product(Duration time, std::uint64_t count) {
  std::int64_t product = 0;
  return __builtin_mul_overflow(time.count(), count, &product) ? Duration::max() : Duration(product);
}

// Requires: b is not negative.
constexpr Duration bounded_sum(Duration a, Duration b) {
  std::int64_t sum = 0;
  return __builtin_add_overflow(a.count(), b.count(), &sum) ? Duration::max() : Duration(sum);
}

// `delay` after `start`. Requires: delay is not negative.
constexpr SimTime later(SimTime start, Duration delay) { return SimTime(bounded_sum(start.time_since_epoch(), delay)); }

}  // namespace netlimits
