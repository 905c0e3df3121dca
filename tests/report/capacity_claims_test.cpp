// What is asked of a capacity: with the least luck, however much the scenario itself asks for.
#include "report/capacity_claims.hpp"

#include <nlohmann/json.hpp>

#include "report/differences/answer_reader.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using analysis::CapacityClaims;
using nlohmann::json;

namespace {

report::CapacityReport asked(const Scenario& scenario, const CapacityClaims& claims) {
  return report::make_capacity_report(scenario, analysis::capacity(scenario), claims, "s.json");
}

bool hold(const Scenario& scenario, const CapacityClaims& claims) {
  const auto report = asked(scenario, claims);
  REQUIRE_FALSE(report.judged.empty());
  return holds(report);
}

Scenario short_ones(int per_second) {
  Scenario scenario = analysis::outbound(1'000);
  Workload& load = scenario.workloads.at("load");
  load.hold = HoldConstant{};
  load.arrivals = ConstantRate{std::chrono::nanoseconds(1'000'000'000 / per_second)};
  return scenario;
}

analysis::SustainedRate per_second(std::uint64_t thousandths) { return {thousandths, 1'000'000'000'000}; }

}  // namespace

TEST_CASE("so many are held: of a scenario in which something breaks, and of one that asks for less") {
  for (const std::uint64_t connections : {std::uint64_t{30'000}, std::uint64_t{1}}) {
    CAPTURE(connections);
    CHECK(hold(analysis::outbound(connections), {.at_least = 28'232}));
    CHECK_FALSE(hold(analysis::outbound(connections), {.at_least = 28'233}));
  }
}

TEST_CASE("where chance decides it is the least luck that counts") {
  Scenario scenario = analysis::outbound(30'000);
  analysis::set_range(scenario, 40'000, 301);
  CHECK(hold(scenario, {.at_least = 300}));
  CHECK_FALSE(hold(scenario, {.at_least = 301}));
}

TEST_CASE("a rate is held against what the ports sustain, exactly") {
  // 28,232 ports in 60 s: 470.5333... a second.
  CHECK(hold(short_ones(100), {.sustains = per_second(470'533)}));
  CHECK_FALSE(hold(short_ones(100), {.sustains = per_second(470'534)}));
  CHECK(analysis::judged(analysis::capacity(analysis::outbound(1)), {.sustains = per_second(1)}).empty());
}

TEST_CASE("headroom is the share of what is held at most that is left") {
  CHECK(hold(analysis::outbound(22'585), {.headroom = 200}));  // 28,232 * 0.8 = 22,585.6
  CHECK_FALSE(hold(analysis::outbound(22'586), {.headroom = 200}));
  CHECK(hold(analysis::outbound(28'232), {.headroom = 0}));
  CHECK_FALSE(hold(analysis::outbound(28'233), {.headroom = 0}));
  CHECK(hold(short_ones(250), {.headroom = 400}));
  CHECK_FALSE(hold(short_ones(500), {.headroom = 0}));
}

TEST_CASE("each claim is a test point, and none at all is skipped") {
  const auto report = asked(analysis::outbound(30'000), {.at_least = 30'000, .headroom = 25});
  const auto points = report::test_points(report);
  REQUIRE(points.size() == 2);
  CHECK(points[0].name == "at least 30,000 are held");
  CHECK(points[0].outcome == report::PointOutcome::failed);
  CHECK(points[0].message == "28,232 held at most, 30,000 needed");
  CHECK(points[1].name == "2.5 % of what is held at most are left");
  const auto none = report::test_points(asked(analysis::outbound(1), {}));
  REQUIRE(none.size() == 1);
  CHECK(none[0].outcome == report::PointOutcome::skipped);
}

TEST_CASE("the JSON has claims only where any were made, and is read back") {
  CHECK_FALSE(json::parse(report::capacity_json(asked(analysis::outbound(1), {}))).contains("claims"));
  const std::string text = report::capacity_json(asked(analysis::outbound(30'000), {.at_least = 30'000}));
  const json written = json::parse(text);
  CHECK(written.at("verdict") == "fails");
  CHECK(written.at("claims") ==
        json::array(
            {{{"name", "at least 30,000 are held"}, {"holds", false}, {"why", "28,232 held at most, 30,000 needed"}}}));
  const auto document = scenarios::parse_json(text, "result.json");
  REQUIRE(document);
  CHECK(report::read_answer(*document));
}

TEST_CASE("text says each claim below the first line") {
  const auto report = asked(short_ones(100), {.sustains = per_second(500'000)});
  CHECK_THAT(report::capacity_text(report, {}),
             Catch::Matchers::Contains("FAILS  load: 500.000 a second are sustained: 470.533 a second sustained, "
                                       "500.000 a second needed\n"));
}
