// Counts first, then rates; what is left is asked of both.
#include "analysis/claims/capacity_claims.hpp"

#include <algorithm>

#include "model/net/bounded_time.hpp"

namespace netlimits::analysis {
namespace {

constexpr std::uint64_t whole = 1000;
constexpr std::size_t most_places_told = 6;

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

JudgedClaim claim(Claimed what, std::string workload, std::optional<Interval> actual, std::uint64_t expected,
                  std::uint64_t share = 0) {
  const bool holds = !actual || actual->min >= expected;
  return {.what = what,
          .workload = std::move(workload),
          .actual = actual,
          .expected = expected,
          .holds = holds,
          .share = share};
}

// How many connections there are when a limit binds, and how many it lets through.
struct OnLadder {
  Interval held{};
  Interval through{};
  bool binds = false;  // with what is asked for
};

std::optional<OnLadder> on_ladder(const Capacity& capacity, Limit limit, const std::string& place) {
  const auto in = [&](const std::vector<Binding>& binding) {
    return std::find_if(binding.begin(), binding.end(),
                        [&](const Binding& one) { return one.limit == limit && one.place.text() == place; });
  };
  if (const auto found = in(capacity.binding); found != capacity.binding.end())
    return OnLadder{capacity.held, found->capacity, true};
  for (const Rung& rung : capacity.ladder) {
    if (const auto found = in(rung.binding); found != rung.binding.end())
      return OnLadder{rung.capacity, found->capacity, false};
  }
  return std::nullopt;
}

// "no fd_per_process at server/api on the ladder; it has fd_per_process at server/web".
std::string not_on_ladder(const Capacity& capacity, Limit limit, const std::string& place) {
  std::vector<std::string> places;
  const auto add = [&](const std::vector<Binding>& binding) {
    for (const Binding& one : binding) {
      if (one.limit == limit && places.size() < most_places_told) places.push_back(one.place.text());
    }
  };
  add(capacity.binding);
  for (const Rung& rung : capacity.ladder) add(rung.binding);
  std::string text("no ");
  text.append(name_of(limit)).append(" at ").append(place).append(" is known to bind");
  for (std::size_t i = 0; i < places.size(); ++i) text.append(i == 0 ? "; it does at " : ", ").append(places[i]);
  return text;
}

JudgedClaim of_limit(const Capacity& capacity, const FigureClaim& asked) {
  JudgedClaim made;
  made.place = std::string(name_of(*asked.limit)).append(" at ").append(asked.place);
  const auto found = on_ladder(capacity, *asked.limit, asked.place);
  switch (asked.figure) {
    case ClaimedFigure::headroom:
      made.what = Claimed::headroom_of_limit;
      made.share = asked.at_least;
      made.expected = enough_for(capacity.asked, asked.at_least);
      if (found) made.actual = found->held;
      break;
    case ClaimedFigure::exhausted:
      made.what = Claimed::exhausted_limit;
      made.expected = asked.exhausted ? 1 : 0;
      if (found) made.actual = Interval{found->binds ? 1U : 0U, found->binds ? 1U : 0U};
      break;
    case ClaimedFigure::capacity:
    case ClaimedFigure::sustained_rate:  // never of a limit
      made.what = Claimed::capacity_of_limit;
      made.expected = asked.at_least;
      if (found) made.actual = found->through;
      break;
  }
  if (!found) made.trouble = not_on_ladder(capacity, *asked.limit, asked.place);
  made.holds = found && (made.what == Claimed::exhausted_limit ? made.actual->min == made.expected
                                                               : made.actual->min >= made.expected);
  return made;
}

CapacityClaims claims_of(const FigureClaim& asked) {
  switch (asked.figure) {
    case ClaimedFigure::capacity:
      return {.at_least = asked.at_least};
    case ClaimedFigure::sustained_rate:
      return {.sustains = SustainedRate{asked.at_least, 1000 * asked.per_nanoseconds}};
    case ClaimedFigure::headroom:
      return {.headroom = asked.at_least};
    case ClaimedFigure::exhausted:
      break;  // of a limit
  }
  return {};
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
                            enough_for(thousandths_of(*steady.offered, true), *claims.headroom), *claims.headroom));
  }
  if (claims.headroom)
    found.push_back(
        claim(Claimed::headroom_of_held, {}, held, enough_for(capacity.asked, *claims.headroom), *claims.headroom));
  return found;
}

std::vector<JudgedClaim> judged(const Capacity& capacity, const FigureClaim& asked, const std::string& name) {
  std::vector<JudgedClaim> found;
  if (asked.limit)
    found.push_back(of_limit(capacity, asked));
  else
    found = judged(capacity, claims_of(asked));
  if (!asked.workload.empty()) std::erase_if(found, [&](const auto& one) { return one.workload != asked.workload; });
  if (found.empty()) {
    JudgedClaim none{.what = Claimed::sustained, .workload = asked.workload};
    none.trouble = asked.workload.empty() ? "no workload's connections end, so that no rate is bounded"
                                          : "its connections do not end, so that no rate is bounded";
    found.push_back(std::move(none));
  }
  for (JudgedClaim& one : found) one.name = name;
  return found;
}

}  // namespace netlimits::analysis
