// Bisection, which begins where proportion says that the figure is.
#include "analysis/plan/smallest_figures.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>
#include <tuple>
#include <vector>

#include "model/net/bounded_time.hpp"

namespace netlimits::analysis {
namespace {

using boost::multiprecision::uint128_t;

std::vector<Dial> dearest_first(const Turned& turned) {
  std::vector<Dial> dials;
  for (const auto& [dial, figure] : turned) dials.push_back(dial);
  std::stable_sort(dials.begin(), dials.end(), [](const Dial& a, const Dial& b) {
    const KnobCost& one = knob_of(a).cost;
    const KnobCost& other = knob_of(b).cost;
    return std::tuple(one.each, one.once) > std::tuple(other.each, other.once);
  });
  return dials;
}

std::uint64_t in_proportion(std::uint64_t figure, std::uint64_t asked, std::uint64_t through) {
  const uint128_t needed = (uint128_t(figure) * asked + through - 1) / through;
  return needed > most_count ? most_count : static_cast<std::uint64_t>(needed);
}

}  // namespace

bool SmallestFigures::enough_with(Turned turned, const Dial& dial, std::uint64_t figure) {
  if (figure <= dials_.range(dial)->before) {
    turned.erase(dial);
  } else {
    turned[dial] = figure;
  }
  return is_enough(turned);
}

std::set<std::uint64_t> SmallestFigures::guesses(const Turned& turned, const Dial& dial) {
  std::set<std::uint64_t> guesses = found_before_[dial];
  Turned without = turned;
  without.erase(dial);
  const std::uint64_t before = dials_.range(dial)->before;
  const Reached& found = dials_.reached(without);
  const auto guess_from = [&](std::uint64_t through) {
    if (through >= found.asked) return;
    guesses.insert(bounded_sum(before, found.asked - through));
    if (through > 0) guesses.insert(in_proportion(before, found.asked, through));
  };
  guess_from(found.held.min);
  for (const Binding& one : found.in_the_way) guess_from(one.capacity.min);
  return guesses;
}

void SmallestFigures::make_smallest(Turned& turned, const Dial& dial) {
  std::uint64_t too_few = dials_.range(dial)->before;
  std::uint64_t enough = turned.at(dial);
  const auto try_one = [&](std::uint64_t figure) {
    if (figure <= too_few || figure >= enough) return;
    (enough_with(turned, dial, figure) ? enough : too_few) = figure;
  };
  for (const std::uint64_t guess : guesses(turned, dial)) {
    try_one(guess);
    if (guess > 0) try_one(guess - 1);
  }
  while (enough - too_few > 1) try_one(too_few + (enough - too_few) / 2);
  turned[dial] = enough;
  found_before_[dial].insert(enough);
}

Turned SmallestFigures::of(Turned turned) {
  const std::vector<Dial> order = dearest_first(turned);
  for (const Dial& dial : order) {
    Turned without = turned;
    without.erase(dial);
    if (is_enough(without)) turned = std::move(without);
  }
  for (const Dial& dial : order) {
    if (turned.contains(dial)) make_smallest(turned, dial);
  }
  // What one of them needed may not be needed any more where figures trade for each other in steps.
  bool again = true;
  while (again) {
    again = false;
    for (const Dial& dial : order) {
      const auto found = turned.find(dial);
      if (found == turned.end()) continue;
      if (enough_with(turned, dial, 0)) {
        turned.erase(dial);
        again = true;
      } else if (enough_with(turned, dial, found->second - 1)) {
        turned[dial] = found->second - 1;
        make_smallest(turned, dial);
        again = true;
      }
    }
  }
  return turned;
}

}  // namespace netlimits::analysis
