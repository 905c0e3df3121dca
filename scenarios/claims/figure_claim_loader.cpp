// One figure a claim: which one, of what, and how much of it.
#include "scenarios/claims/figure_claim_loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "scenarios/claims/result_shape.hpp"
#include "scenarios/json/nearest_name.hpp"
#include "scenarios/json/quantity.hpp"

namespace netlimits::scenarios {
namespace {

constexpr std::array<std::string_view, 4> figure_claims{"capacity_at_least", "sustains_at_least", "headroom_at_least",
                                                        "exhausted"};

// Whose figure it is. False: complained of.
bool load_whose(const ObjectReader& reader, const Scenario& scenario, FigureClaim& claim) {
  const auto limit = reader.get("limit");
  const auto place = reader.get("place");
  if (limit.has_value() != place.has_value()) {
    reader.field().complain(
        "a limit is claimed about by its name and its place",
        limit ? "add \"place\", as results print it: \"server/web\"" : "add \"limit\", such as \"fd_per_process\"");
    return false;
  }
  if (!limit) return true;
  claim.limit = limit_named(limit->string("the name of a limit").value_or(""));
  if (!claim.limit) {
    std::vector<std::string> known;
    for (const Limit one : all_limits) known.emplace_back(name_of(one));
    limit->refuse("the name of a limit", suggestion(limit->node().text, known));
    return false;
  }
  claim.place = place->string("a place, such as \"server/web\"").value_or("");
  const ResultTarget target = place_of(claim.place, scenario);
  if (!target.trouble.empty())
    place->complain(fmt::format("{} points nowhere: {}", in_quotes(claim.place), target.trouble), target.hint);
  return target.trouble.empty();
}

void load_rate(const ObjectReader& reader, const Field& field, const Scenario& scenario, FigureClaim& claim) {
  claim.figure = ClaimedFigure::sustained_rate;
  if (const auto rate = rate_of(field)) {
    claim.at_least = rate->thousandths;
    claim.per_nanoseconds = static_cast<std::uint64_t>(rate->per.count());
    claim.said = field.node().kind == JsonKind::string ? field.node().text : fmt::format("{}/s", field.node().integer);
  }
  const auto workload = reader.get("workload");
  if (!workload) return;
  claim.workload = workload->string("the name of a workload").value_or("");
  if (!scenario.workloads.contains(claim.workload))
    workload->complain(fmt::format("the scenario has no workload named {}", in_quotes(claim.workload)),
                       suggestion(claim.workload, names_of(scenario.workloads)));
}

void load_share(const Field& field, FigureClaim& claim) {
  claim.figure = ClaimedFigure::headroom;
  claim.said = field.string("a share such as \"20%\"").value_or("");
  const auto share = parse_share(claim.said);
  if (!share) field.refuse("a share such as \"20%\" or \"2.5%\"");
  claim.at_least = share.value_or(0);
}

}  // namespace

bool names_a_figure(const ObjectReader& expectation) {
  for (const std::string_view key : {"limit", "place", "workload"}) {
    if (expectation.get(key)) return true;
  }
  return std::any_of(figure_claims.begin(), figure_claims.end(),
                     [&](std::string_view key) { return expectation.get(key).has_value(); });
}

std::optional<FigureClaim> load_figure_claim(const ObjectReader& expectation, const Scenario& scenario) {
  FigureClaim claim;
  int figures = 0;
  for (const std::string_view key : figure_claims) figures += expectation.get(key) ? 1 : 0;
  for (const std::string_view key : {"at", "equals", "at_least", "at_most", "within"}) {
    if (const auto field = expectation.get(key))
      field->complain(fmt::format("\"{}\" does not go with a claim on a limit, the capacity or a rate", key));
  }
  if (figures != 1) {
    expectation.field().complain(
        "a claim on a limit, the capacity or a rate has one of \"capacity_at_least\", \"sustains_at_least\", "
        "\"headroom_at_least\" and \"exhausted\"");
    return claim;
  }
  if (!load_whose(expectation, scenario, claim)) return claim;
  const auto without = [&](std::string_view key, std::string_view beside) {
    if (const auto field = expectation.get(key)) field->complain(fmt::format("\"{}\" goes with {} only", key, beside));
  };
  const auto sustains = expectation.get("sustains_at_least");
  if (!sustains) without("workload", "\"sustains_at_least\"");
  if (sustains) {
    without("limit", "\"capacity_at_least\", \"headroom_at_least\" and \"exhausted\"");
    load_rate(expectation, *sustains, scenario, claim);
  } else if (const auto capacity = expectation.get("capacity_at_least")) {
    claim.figure = ClaimedFigure::capacity;
    claim.at_least = static_cast<std::uint64_t>(capacity->integer(0, largest_integer).value_or(0));
    claim.said = fmt::format("{}", claim.at_least);
  } else if (const auto headroom = expectation.get("headroom_at_least")) {
    load_share(*headroom, claim);
  } else if (const auto exhausted = expectation.get("exhausted")) {
    claim.figure = ClaimedFigure::exhausted;
    claim.exhausted = exhausted->boolean().value_or(false);
    claim.said = claim.exhausted ? "true" : "false";
    if (!claim.limit) exhausted->complain("\"exhausted\" is claimed of a limit", "add \"limit\" and \"place\"");
  }
  return claim;
}

}  // namespace netlimits::scenarios
