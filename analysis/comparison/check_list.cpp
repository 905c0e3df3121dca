// One function for each way of comparing (equal, within an interval, near, both or neither), and the slack of each.
#include "analysis/comparison/check_list.hpp"

#include <algorithm>
#include <limits>

namespace netlimits::analysis {
namespace {

Figure figure_of(const Interval& interval) { return interval.exact() ? Figure(interval.min) : Figure(interval); }

// What follows the clock: a twentieth and a few.
std::uint64_t clock_slack(std::uint64_t count) { return count / 20 + 5; }

}  // namespace

Interval around(std::uint64_t count, std::uint64_t slack) {
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  return {count - std::min(count, slack), count > most - slack ? most : count + slack};
}

void CheckList::add(std::string metric, Figure predicted, Figure observed, CheckVerdict verdict, std::string why) {
  checks_.push_back({std::move(metric), std::move(predicted), std::move(observed), verdict, std::move(why), what_});
}

void CheckList::exact(std::string metric, std::uint64_t predicted, std::uint64_t observed) {
  add(std::move(metric), predicted, observed, predicted == observed ? CheckVerdict::agrees : CheckVerdict::differs);
}

void CheckList::within(std::string metric, Interval predicted, std::uint64_t observed, const std::string& why) {
  add(std::move(metric), figure_of(predicted), observed,
      predicted.contains(observed) ? CheckVerdict::agrees : CheckVerdict::differs, predicted.exact() ? "" : why);
}

void CheckList::equal_or_open(std::string metric, std::uint64_t predicted, std::uint64_t observed,
                              const std::string& why) {
  const bool equal = predicted == observed;
  add(std::move(metric), predicted, observed, equal ? CheckVerdict::agrees : CheckVerdict::not_determined,
      equal ? "" : why);
}

void CheckList::near_or_open(std::string metric, std::uint64_t predicted, std::uint64_t observed,
                             const std::string& why) {
  if (predicted == observed) return exact(std::move(metric), predicted, observed);
  const Interval interval = around(predicted, clock_slack(predicted));
  const bool inside = interval.contains(observed);
  add(std::move(metric), inside ? Figure(interval) : Figure(predicted), observed,
      inside ? CheckVerdict::agrees : CheckVerdict::not_determined, why);
}

void CheckList::near(std::string metric, std::uint64_t predicted, std::uint64_t observed, const std::string& why) {
  if (predicted == observed) return exact(std::move(metric), predicted, observed);
  within(std::move(metric), around(predicted, clock_slack(predicted)), observed, why);
}

void CheckList::within_reason(std::string metric, std::uint64_t predicted, Interval inner, Interval outer,
                              std::uint64_t observed, const std::string& why) {
  if (predicted == observed) return exact(std::move(metric), predicted, observed);
  const CheckVerdict verdict = inner.contains(observed)   ? CheckVerdict::agrees
                               : outer.contains(observed) ? CheckVerdict::not_determined
                                                          : CheckVerdict::differs;
  add(std::move(metric), figure_of(inner), observed, verdict, why);
}

void CheckList::happened(std::string metric, std::uint64_t predicted, std::uint64_t observed, const std::string& why) {
  if (predicted == observed || predicted == 0 || observed == 0) return exact(std::move(metric), predicted, observed);
  add(std::move(metric), std::string("at least 1"), observed, CheckVerdict::agrees, why);
}

void CheckList::unseen(std::string metric, std::uint64_t predicted, const std::string& why) {
  add(std::move(metric), predicted, std::monostate{}, CheckVerdict::not_determined, why);
}

}  // namespace netlimits::analysis
