// What the order of several programs decides is an interval; what no order gives stays a difference. And what a twin
// without round trips cannot tell about its scenario is left open.
#include "analysis/comparison/other_orders.hpp"

#include "analysis/comparison/validation.hpp"
#include "sim/replay.hpp"
#include "tests/analysis/checks.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;
using std::chrono::milliseconds;

namespace {

// Two programs on one host, 8 connections each at one moment, and 10 ports for both.
Scenario two_programs_one_pool() {
  Scenario scenario = outbound(8);
  set_range(scenario, 40'000, 10);
  scenario.hosts.at("client").processes.push_back({.name = "job", .nofile = 100'000});
  Workload more = scenario.workloads.at("load");
  more.name = "more";
  more.from_process = "job";
  scenario.workloads.emplace("more", more);
  return scenario;
}

PredictionInTurns in_turns_of(const Scenario& scenario) {
  return
      [scenario](std::uint64_t order) -> std::optional<RunResult> { return sim::replay(scenario, {.turns = order}); };
}

std::vector<Check> judged(const Scenario& scenario, const RunResult& observed) {
  const RunResult predicted = sim::replay(scenario);
  std::vector<Check> checks = compare(scenario, predicted, observed);
  allow_other_orders(scenario, predicted, in_turns_of(scenario), checks);
  return checks;
}

RunResult with_established(RunResult result, std::uint64_t connections) {
  result.workloads.at("load").established = connections;
  return result;
}

}  // namespace

TEST_CASE("another order of two programs shares ten ports otherwise, and no order gives an eleventh") {
  const Scenario scenario = two_programs_one_pool();
  std::uint64_t apart = 0;
  for (std::uint64_t order = 1; order <= 12; ++order) {
    const RunResult result = sim::replay(scenario, {.turns = order});
    const std::uint64_t load = result.workloads.at("load").established;
    CHECK(load + result.workloads.at("more").established == 10);
    if (load != 5) ++apart;
  }
  CHECK(apart > 3);
}

TEST_CASE("an order of turns is its number's: equal numbers give equal results") {
  const Scenario scenario = two_programs_one_pool();
  const auto established = [&](std::uint64_t order) {
    return sim::replay(scenario, {.turns = order}).workloads.at("load").established;
  };
  for (std::uint64_t order = 1; order <= 4; ++order) CHECK(established(order) == established(order));
}

TEST_CASE("a share of the pool that another order gives agrees, as an interval") {
  const Scenario scenario = two_programs_one_pool();
  RunResult observed = sim::replay(scenario);
  std::uint64_t order = 1;
  while (observed.workloads.at("load").established == 5) observed = sim::replay(scenario, {.turns = order++});
  const std::vector<Check> checks = judged(scenario, observed);
  const Check* established = find(checks, "/workloads/load/established");
  REQUIRE(established != nullptr);
  CHECK(established->verdict == CheckVerdict::agrees);
  CHECK(std::holds_alternative<Interval>(established->predicted));
  CHECK(overall(checks) == CheckVerdict::agrees);
}

TEST_CASE("one accepted connection more than the pool has ports differs in every order") {
  const Scenario scenario = two_programs_one_pool();
  RunResult observed = sim::replay(scenario);
  ++observed.hosts.at("server").processes.at("web").accepted;
  CHECK(verdict_of(judged(scenario, observed), "/hosts/server/processes/web/accepted") == CheckVerdict::differs);
}

TEST_CASE("one program alone has one order: one connection less differs") {
  Scenario scenario = outbound(12);
  set_range(scenario, 40'000, 10);
  RunResult observed = sim::replay(scenario);
  --observed.workloads.at("load").established;
  CHECK(verdict_of(judged(scenario, observed), "/workloads/load/established") == CheckVerdict::differs);
}

TEST_CASE("no other order is asked for where nothing differs") {
  const Scenario scenario = two_programs_one_pool();
  const RunResult predicted = sim::replay(scenario);
  std::vector<Check> checks = compare(scenario, predicted, predicted);
  std::uint64_t asked = 0;
  allow_other_orders(
      scenario, predicted,
      [&](std::uint64_t order) {
        ++asked;
        return sim::replay(scenario, {.turns = order});
      },
      checks);
  CHECK(asked == 0);
}

TEST_CASE("after an order that takes too much no other is asked for, and what differs goes on differing") {
  const Scenario scenario = two_programs_one_pool();
  const RunResult predicted = sim::replay(scenario);
  RunResult observed = predicted;
  --observed.workloads.at("load").established;
  std::vector<Check> checks = compare(scenario, predicted, observed);
  std::uint64_t asked = 0;
  allow_other_orders(
      scenario, predicted,
      [&](std::uint64_t) -> std::optional<RunResult> {
        ++asked;
        return std::nullopt;
      },
      checks);
  CHECK(asked == 1);
  CHECK(verdict_of(checks, "/workloads/load/established") == CheckVerdict::differs);
}

TEST_CASE("a figure that only a rare order gives agrees, and its neighbour does not") {
  const Scenario scenario = two_programs_one_pool();
  const RunResult predicted = sim::replay(scenario);
  const RunResult rare = with_established(predicted, 2);
  const auto in_turns = [&](std::uint64_t order) { return order == 700 ? rare : predicted; };
  const auto verdict = [&](std::uint64_t established) {
    std::vector<Check> checks = compare(scenario, predicted, with_established(predicted, established));
    allow_other_orders(scenario, predicted, in_turns, checks);
    return verdict_of(checks, "/workloads/load/established");
  };
  CHECK(verdict(2) == CheckVerdict::agrees);
  CHECK(verdict(3) == CheckVerdict::agrees);  // between the two
  CHECK(verdict(1) == CheckVerdict::differs);
  CHECK(verdict(6) == CheckVerdict::differs);
}

TEST_CASE("what a comparison left open agrees where another order gives it, and stays open where none does") {
  const Scenario scenario = two_programs_one_pool();
  const RunResult predicted = sim::replay(scenario);
  const RunResult other = with_established(predicted, 7);
  for (const auto& [established, verdict] :
       {std::pair(7U, CheckVerdict::agrees), std::pair(8U, CheckVerdict::not_determined)}) {
    std::vector<Check> checks = compare(scenario, predicted, with_established(predicted, established));
    for (Check& check : checks) {
      if (check.verdict == CheckVerdict::differs) check.verdict = CheckVerdict::not_determined;
    }
    allow_other_orders(
        scenario, predicted, [&](std::uint64_t) { return other; }, checks);
    CHECK(verdict_of(checks, "/workloads/load/established") == verdict);
  }
}

TEST_CASE("what is due before an event has begun before it in every order") {
  Scenario scenario = two_programs_one_pool();
  scenario.events.push_back({SimTime(milliseconds(1)), HostDown{"client", 0}});
  for (std::uint64_t order = 1; order <= 12; ++order) {
    const RunResult result = sim::replay(scenario, {.turns = order});
    for (const auto& [name, workload] : result.workloads) {
      for (const Failure& failure : workload.failures) CHECK(failure.limit == Limit::ephemeral_ports);
    }
    CHECK(result.workloads.at("load").failed + result.workloads.at("more").failed == 6);
  }
}

TEST_CASE("a figure that the scenario's round trips change is left open, the others are compared") {
  // A server that takes one connection every 10 ms, with a queue for two: what arrives while the first ones are on
  // their way finds it full or not by the round trip.
  Scenario asked = outbound(12);
  asked.paths = {{"client", "server", milliseconds(300)}};
  asked.workloads.at("load").hold = HoldConstant{milliseconds(100)};
  asked.workloads.at("load").arrivals = ConstantRate{milliseconds(20)};
  const Twin twin = full_size(asked);
  REQUIRE(twin.round_trips == std::vector<Duration>{milliseconds(300)});
  CHECK(with_round_trips(twin).paths.front().round_trip == milliseconds(300));
  const RunResult predicted = sim::replay(twin.scenario);
  const RunResult own = sim::replay(with_round_trips(twin));
  Observation observed{.ran = true, .result = predicted, .kernel = "6.18"};
  SECTION("as the twin is predicted: established agrees, and what the server has at once is open") {
    const Validation found = validate(twin, predicted, observed, {.own = own});
    CHECK(verdict_of(found.checks, "/workloads/load/established") == CheckVerdict::agrees);
    CHECK(overall(found.checks) == CheckVerdict::agrees);
  }
  SECTION("otherwise than the twin is predicted: it differs, whatever round trips do") {
    ++observed.result.workloads.at("load").established;
    const Validation found = validate(twin, predicted, observed, {.own = own});
    CHECK(verdict_of(found.checks, "/workloads/load/established") == CheckVerdict::differs);
  }
  SECTION("a failure that only the round trip brings") {
    RunResult fails = own;
    WorkloadResult& load = fails.workloads.at("load");
    --load.established;
    ++load.failed;
    const Validation found = validate(twin, predicted, observed, {.own = fails});
    CHECK(verdict_of(found.checks, "/workloads/load/established") == CheckVerdict::not_determined);
    CHECK(find(found.checks, "/workloads/load/established")->predicted == Figure(load.established));
  }
}
