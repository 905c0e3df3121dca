// Each order is compared with the prediction as a kernel would be, so that its figures are found by the same names.
#include "analysis/comparison/other_orders.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace netlimits::analysis {
namespace {

// A choice, as is by how much an interval is wider: enough for what two programs share to come out each way.
constexpr std::uint64_t first_orders = 24;
// What differs still is looked for in more of them, as many as a second or two allow: it takes a rare order where it
// matters which of two connections a balancer sees first, milliseconds apart.
constexpr std::uint64_t most_orders = 1000;
constexpr std::uint64_t most_attempts = 1'000'000;
constexpr std::uint64_t most_attempts_where_nothing_differs = 200'000;
constexpr const char* by_order = "which of several programs is served first decides";

// By metric and what it is about: the failures that nobody predicted share one metric.
using Key = std::pair<std::string, std::string>;

Key key_of(const Check& check) { return {check.metric, check.what}; }

// What an order has where it was not compared: neither side had any.
Figure absent(const Check& check) {
  if (const auto* interval = std::get_if<Interval>(&check.predicted)) return interval->min;
  return check.predicted;
}

std::optional<Interval> hull_of(const std::vector<Figure>& figures) {
  std::optional<Interval> hull;
  for (const Figure& figure : figures) {
    Interval one;
    if (const auto* count = std::get_if<std::uint64_t>(&figure)) {
      one = Interval::exactly(*count);
    } else if (const auto* interval = std::get_if<Interval>(&figure)) {
      one = *interval;
    } else {
      return std::nullopt;
    }
    hull = hull ? Interval{std::min(hull->min, one.min), std::max(hull->max, one.max)} : one;
  }
  return hull;
}

// How often it comes about is the affair of programs and timers: whether it does is what an order can say.
bool counts_repetitions(const Check& check) {
  static constexpr std::array<std::string_view, 4> figures{"/listen_drops", "/listen_overflows", "/refused_accepts",
                                                           "/time_wait_overflows"};
  return std::any_of(figures.begin(), figures.end(),
                     [&](std::string_view figure) { return check.metric.ends_with(figure); });
}

enum class Wide { by_its_width, no };

void allow_count(const Interval& hull, Wide wide, Check& check) {
  if (hull.min == hull.max) return;
  if (counts_repetitions(check)) {
    check.verdict = CheckVerdict::agrees;
    check.why = by_order;
    return;
  }
  const std::uint64_t more = wide == Wide::no ? 0 : hull.max - hull.min + 1;
  const Interval allowed{hull.min - std::min(hull.min, more), hull.max + more};
  if (!allowed.contains(std::get<std::uint64_t>(check.observed))) return;
  check.predicted = allowed;
  check.verdict = CheckVerdict::agrees;
  check.why = by_order;
}

void allow_words(const std::vector<Figure>& figures, Check& check) {
  const bool one_of_them = std::find(figures.begin(), figures.end(), check.observed) != figures.end();
  if (!one_of_them && check.verdict == CheckVerdict::not_determined) return;
  const bool all_the_same =
      std::all_of(figures.begin(), figures.end(), [&](const Figure& one) { return one == figures.front(); });
  if (!one_of_them && all_the_same) return;
  check.verdict = one_of_them ? CheckVerdict::agrees : CheckVerdict::not_determined;
  check.why = by_order;
}

// What another order could explain: what differs, and what was left open though it was seen.
bool is_asked(const Check& check) {
  return check.verdict != CheckVerdict::agrees && !std::holds_alternative<std::monostate>(check.observed);
}

class OtherOrders {
 public:
  OtherOrders(const Scenario& scenario, const RunResult& predicted, const PredictionInTurns& in_turns,
              std::vector<Check>& checks)
      : scenario_(scenario), predicted_(predicted), in_turns_(in_turns), checks_(checks) {
    for (const Check& check : checks) {
      if (is_asked(check)) seen_[key_of(check)].push_back(check.predicted);
    }
  }

  void run() {
    if (seen_.empty()) return;
    const bool more = look_up_to(first_orders);
    allow(Wide::by_its_width);
    if (!more) return;
    std::uint64_t attempts = 1;
    for (const auto& [name, workload] : predicted_.workloads) attempts += workload.attempted;
    while (looked_at_ < affordable(attempts)) {
      if (!look_up_to(std::min(affordable(attempts), 2 * looked_at_))) return;
      allow(Wide::no);
    }
  }

 private:
  bool any(CheckVerdict verdict) const {
    return std::any_of(checks_.begin(), checks_.end(),
                       [&](const Check& check) { return is_asked(check) && check.verdict == verdict; });
  }

  std::uint64_t affordable(std::uint64_t attempts) const {
    if (any(CheckVerdict::differs)) return std::min(most_orders, most_attempts / attempts);
    if (!any(CheckVerdict::not_determined)) return 0;
    return std::min(most_orders, most_attempts_where_nothing_differs / attempts);
  }

  // False: one of them takes too much.
  bool look_up_to(std::uint64_t order) {
    while (looked_at_ < order && !seen_.empty()) {
      const auto result = in_turns_(++looked_at_);
      if (!result) return false;
      std::map<Key, Figure> here;
      for (Check& check : compare(scenario_, predicted_, *result)) here.emplace(key_of(check), check.observed);
      for (const Check& check : checks_) {
        const auto wanted = seen_.find(key_of(check));
        if (wanted == seen_.end()) continue;
        const auto found = here.find(wanted->first);
        wanted->second.push_back(found != here.end() ? found->second : absent(check));
      }
    }
    return true;
  }

  void allow(Wide wide) {
    for (Check& check : checks_) {
      if (!is_asked(check)) continue;
      const std::vector<Figure>& figures = seen_.at(key_of(check));
      const auto hull = hull_of(figures);
      // What was left open has to be among what the orders gave.
      const Wide how_wide = check.verdict == CheckVerdict::not_determined ? Wide::no : wide;
      if (hull && std::holds_alternative<std::uint64_t>(check.observed))
        allow_count(*hull, how_wide, check);
      else
        allow_words(figures, check);
    }
  }

  const Scenario& scenario_;
  const RunResult& predicted_;
  const PredictionInTurns& in_turns_;
  std::vector<Check>& checks_;
  std::map<Key, std::vector<Figure>> seen_;
  std::uint64_t looked_at_ = 0;
};

}  // namespace

void allow_other_orders(const Scenario& scenario, const RunResult& predicted, const PredictionInTurns& in_turns,
                        std::vector<Check>& checks) {
  if (in_turns) OtherOrders(scenario, predicted, in_turns, checks).run();
}

}  // namespace netlimits::analysis
