// The shipped scenarios keep their promises: what each claims about its result holds when it is replayed.
#include <optional>
#include <string>
#include <vector>

#include "report/expectation.hpp"
#include "report/run_report.hpp"
#include "scenarios/embedded.hpp"
#include "scenarios/scenario_loader.hpp"
#include "sim/replay.hpp"
#include "tests/catch.hpp"

namespace netlimits::scenarios {
namespace {

Scenario shipped(const EmbeddedText& file) {
  auto scenario = load_scenario(file.text, std::string(file.name), ProfileSet::built_in());
  if (!scenario) FAIL(text_of(scenario.error()));
  return std::move(*scenario);
}

report::RunReport replayed(const Scenario& scenario) {
  return report::make_run_report(scenario, sim::replay(scenario), std::nullopt);
}

TEST_CASE("the claims of every shipped scenario hold") {
  for (const EmbeddedText& file : embedded_scenarios()) {
    const Scenario scenario = shipped(file);
    for (const report::ExpectationResult& claim : replayed(scenario).expectations) {
      CAPTURE(file.name, claim.name, claim.pointer, claim.expected_json, claim.actual_json);
      CHECK(claim.holds);
    }
  }
}

TEST_CASE("a claim that is wrong by one does not hold") {
  for (const EmbeddedText& file : embedded_scenarios()) {
    if (!file.name.ends_with("-small")) continue;
    Scenario scenario = shipped(file);
    const std::string result = report::run_json(replayed(scenario));
    for (Expectation& claim : scenario.expect) {
      if (auto* const number = std::get_if<std::int64_t>(&claim.expected)) ++*number;
    }
    for (std::size_t i = 0; i < scenario.expect.size(); ++i) {
      const Expectation& claim = scenario.expect[i];
      CAPTURE(file.name, claim.name);
      const bool is_count = std::holds_alternative<std::int64_t>(claim.expected);
      CHECK(report::evaluate(std::vector{claim}, result).front().holds == !is_count);
    }
  }
}

TEST_CASE("a twin of the library prints the same bytes each time") {
  for (const EmbeddedText& file : embedded_scenarios()) {
    if (!file.name.ends_with("-small")) continue;
    CAPTURE(file.name);
    const Scenario scenario = shipped(file);
    CHECK(report::run_json(replayed(scenario)) == report::run_json(replayed(scenario)));
  }
}

}  // namespace
}  // namespace netlimits::scenarios
