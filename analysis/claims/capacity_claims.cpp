// Counts first, then rates; what is left is asked of both.
#include "analysis/claims/capacity_claims.hpp"

#include <algorithm>

#include "model/net/bounded_time.hpp"

namespace netlimits::analysis {
namespace {

constexpr std::uint64_t whole = 1000;

// The least figure of which `part` thousandths are left when so much is used: used * 1000 / (1000 - part), rounded up.
std::uint64_t enough_for(std::uint64_t used, std::uint64_t part) {
  if (part >= whole) return used == 0 ? 0 : most_count;
  const std::uint64_t rest = whole - part;
  return bounded_sum(bounded_product(used, whole), rest - 1) / rest;
}

// Thousandths of a connection a second. Intermediate sums stay exact up to rates of a connection a nanosecond.
std::uint64_t thousandths_of(const SustainedRate& rate, bool up) {
  constexpr std::uint64_t in_a_second = 1'000'000'000;
  const std::uint64_t seconds = rate.connections / rate.per_nanoseconds;
  std::uint64_t rest = rate.connections % rate.per_nanoseconds;
  std::uint64_t divisor = rate.per_nanoseconds;
  while (rest > most_count / (in_a_second * whole)) {
    rest /= 2;
    divisor = std::max<std::uint64_t>(divisor / 2, 1);
  }
  const std::uint64_t product = rest * in_a_second * whole;
  const std::uint64_t part = product / divisor + (up && product % divisor != 0 ? 1 : 0);
  return bounded_sum(bounded_product(seconds, in_a_second * whole), part);
}

JudgedClaim claim(Claimed what, std::string workload, std::optional<Interval> actual, std::uint64_t expected) {
  const bool holds = !actual || actual->min >= expected;
  return {what, std::move(workload), actual, expected, holds};
}

}  // namespace

std::optional<Interval> held_at_most(const Capacity& capacity) {
  if (!capacity.binding.empty()) return capacity.held;
  if (capacity.ladder.empty()) return std::nullopt;
  return capacity.ladder.front().capacity;
}

std::vector<JudgedClaim> judged(const Capacity& capacity, const CapacityClaims& claims) {
  std::vector<JudgedClaim> found;
  const auto held = held_at_most(capacity);
  if (claims.at_least) found.push_back(claim(Claimed::held, {}, held, *claims.at_least));
  for (const SteadyState& steady : capacity.steady_state) {
    // Some may fail between the rate that is sure and the one that is sustained.
    const SustainedRate sure = steady.sure_up_to.value_or(steady.sustained);
    const Interval sustained{thousandths_of(sure, false),
                             thousandths_of(steady.sustained_at_most.value_or(steady.sustained), false)};
    if (claims.sustains) {
      JudgedClaim rate = claim(Claimed::sustained, steady.workload, sustained, thousandths_of(*claims.sustains, true));
      rate.holds = !above(*claims.sustains, sure);
      found.push_back(std::move(rate));
    }
    if (claims.headroom && steady.offered)
      found.push_back(claim(Claimed::headroom_of_sustained, steady.workload, sustained,
                            enough_for(thousandths_of(*steady.offered, true), *claims.headroom)));
  }
  if (claims.headroom)
    found.push_back(claim(Claimed::headroom_of_held, {}, held, enough_for(capacity.asked, *claims.headroom)));
  return found;
}

}  // namespace netlimits::analysis
