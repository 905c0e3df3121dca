// Finds the limit in the result's list, or asks the analysis, and words what came.
#include "report/figure_claims.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

#include "analysis/claims/capacity_claims.hpp"
#include "model/net/bounded_time.hpp"
#include "report/capacity_claims.hpp"
#include "report/forms/json_text.hpp"

namespace netlimits::report {
namespace {

using nlohmann::json;

constexpr std::size_t most_limits_told = 6;

const char* word_of(ClaimedFigure figure) {
  switch (figure) {
    case ClaimedFigure::capacity:
      return "capacity_at_least";
    case ClaimedFigure::sustained_rate:
      return "sustains_at_least";
    case ClaimedFigure::headroom:
      return "headroom_at_least";
    case ClaimedFigure::exhausted:
      return "exhausted";
  }
  return "";
}

// "no fd_per_process at server/api was met; there are fd_per_process at server/web".
std::string not_in_result(const json& limits, const std::string& limit, const std::string& place) {
  std::vector<std::string> others;
  for (const json& one : limits) {
    if (one.at("limit") == limit && others.size() < most_limits_told) others.push_back(one.at("place"));
  }
  return fmt::format("the result has no {} at {}{}", limit, place,
                     others.empty() ? std::string() : fmt::format("; it has it at {}", fmt::join(others, ", ")));
}

// Thousandths of the capacity that were never in use, rounded down.
std::uint64_t left_of(std::uint64_t capacity, std::uint64_t peak) {
  if (capacity == 0 || peak >= capacity) return 0;
  const std::uint64_t left = capacity - peak;
  return capacity > most_count / 1000 ? left / (capacity / 1000) : left * 1000 / capacity;
}

void judge_use(const FigureClaim& claim, const json& use, ExpectationResult& result) {
  const auto capacity = use.at("capacity").get<std::uint64_t>();
  const auto peak = use.at("peak").get<std::uint64_t>();
  switch (claim.figure) {
    case ClaimedFigure::headroom: {
      const std::uint64_t left = left_of(capacity, peak);
      result.holds = left >= claim.at_least;
      result.actual_json = json_line(fmt::format("{}.{}%", left / 10, left % 10));
      break;
    }
    case ClaimedFigure::exhausted:
      result.holds = use.at("exhausted").get<bool>() == claim.exhausted;
      result.actual_json = json_line(use.at("exhausted"));
      break;
    case ClaimedFigure::capacity:
    case ClaimedFigure::sustained_rate:  // never of a limit
      result.holds = capacity >= claim.at_least;
      result.actual_json = json_line(capacity);
      break;
  }
  if (!result.holds)
    result.why = fmt::format("{} at {}: expected {} {}, got {} (capacity {}, peak {})", result.limit, result.place,
                             result.relation, result.expected_json, result.actual_json, capacity, peak);
}

void judge_by_analysis(const Expectation& expectation, const analysis::Capacity& capacity, ExpectationResult& result) {
  const auto all = analysis::judged(capacity, *expectation.claim, expectation.name);
  result.holds = std::all_of(all.begin(), all.end(), [](const auto& one) { return one.holds; });
  // The first that does not hold speaks for all of them, or the first.
  const auto broken = std::find_if(all.begin(), all.end(), [](const auto& one) { return !one.holds; });
  const analysis::JudgedClaim& told = broken == all.end() ? all.front() : *broken;
  if (told.actual) {
    // Rates are in thousandths.
    const bool rate =
        told.what == analysis::Claimed::sustained || told.what == analysis::Claimed::headroom_of_sustained;
    const std::uint64_t least = told.actual->min;
    result.actual_json = rate ? json_line(fmt::format("{}.{:03}/s", least / 1000, least % 1000)) : json_line(least);
  }
  if (!result.holds) {
    const std::string whose = told.workload.empty() ? "" : fmt::format("{}: ", told.workload);
    result.why = fmt::format("{}{}", whose, claim_figures(told));
  }
}

}  // namespace

ExpectationResult evaluated_claim(const Expectation& expectation, const json& run, const analysis::Capacity* capacity) {
  const FigureClaim& claim = *expectation.claim;
  ExpectationResult result{.name = expectation.name,
                           .limit = claim.limit ? std::string(name_of(*claim.limit)) : std::string(),
                           .place = claim.place,
                           .relation = word_of(claim.figure),
                           .actual_json = "null"};
  result.expected_json = claim.figure == ClaimedFigure::exhausted  ? json_line(claim.exhausted)
                         : claim.figure == ClaimedFigure::capacity ? json_line(claim.at_least)
                                                                   : json_line(claim.said);
  if (!claim.limit) {
    if (capacity != nullptr)
      judge_by_analysis(expectation, *capacity, result);
    else
      result.why = "the capacity was not asked for";
    return result;
  }
  const json none = json::array();
  const json& limits = run.contains("limits") ? run.at("limits") : none;
  const auto use = std::find_if(limits.begin(), limits.end(), [&](const json& one) {
    return one.at("limit") == result.limit && one.at("place") == result.place;
  });
  if (use == limits.end())
    result.why = not_in_result(limits, result.limit, result.place);
  else
    judge_use(claim, *use, result);
  return result;
}

}  // namespace netlimits::report
