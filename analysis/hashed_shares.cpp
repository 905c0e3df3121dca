// The interval of a binomial share, in whole numbers, and what is kept of a share that does not fit.
#include "analysis/hashed_shares.hpp"

#include <algorithm>

namespace netlimits::analysis {
namespace {

constexpr std::uint64_t deviations = 7;

// The largest whole number whose square is at most `value`.
std::uint64_t whole_root(std::uint64_t value) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31U; bit != 0; bit >>= 1U) {
    const std::uint64_t candidate = root + bit;
    if (candidate * candidate <= value) root = candidate;
  }
  return root;
}

}  // namespace

Interval hashed_share(std::uint64_t connections, std::uint64_t listeners) {
  if (listeners == 1) return Interval::exactly(connections);
  const std::uint64_t mean = connections / listeners;
  // The variance is n (1/k) (1 - 1/k).
  const std::uint64_t variance = connections * (listeners - 1) / listeners / listeners + 1;
  const std::uint64_t slack = deviations * (whole_root(variance) + 1) + deviations;
  return {mean - std::min(mean, slack), std::min(connections, mean + slack + 1)};
}

Interval kept_of_hashed(std::uint64_t connections, std::uint64_t listeners, std::uint64_t each) {
  const auto keep = [&](std::uint64_t share) { return std::min(share, each); };
  const Interval share = hashed_share(connections, listeners);
  // min(share, each) bends downwards, so an even deal keeps the most, and the least is kept where every share but one
  // is at a bound.
  const std::uint64_t rest = connections % listeners;
  const std::uint64_t most =
      rest * keep(connections / listeners + 1) + (listeners - rest) * keep(connections / listeners);
  std::uint64_t least = most;
  for (std::uint64_t high = 0; high < listeners; ++high) {
    const std::uint64_t at_bounds = high * share.max + (listeners - 1 - high) * share.min;
    if (at_bounds > connections) break;
    const std::uint64_t last = connections - at_bounds;
    if (!share.contains(last)) continue;
    least = std::min(least, high * keep(share.max) + (listeners - 1 - high) * keep(share.min) + keep(last));
  }
  return {least, most};
}

}  // namespace netlimits::analysis
