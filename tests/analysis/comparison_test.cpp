// Two results that differ in one thing: which checks agree, differ, or are left open.
#include "analysis/comparison/comparison.hpp"

#include <rapidcheck.h>

#include "tests/analysis/checks.hpp"
#include "tests/analysis/out_of_ports.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;
using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("equal results agree in every check") {
  const auto checks = compare(paced(), exhausted(), exhausted());
  CHECK(checks.size() >= 12);
  for (const Check& check : checks) {
    CAPTURE(check.metric);
    CHECK(check.verdict == CheckVerdict::agrees);
  }
  CHECK(overall(checks) == CheckVerdict::agrees);
  CHECK(overall({}) == CheckVerdict::not_determined);
}

TEST_CASE("a count that is one off differs, and the whole with it") {
  RunResult observed = exhausted();
  ++observed.workloads["load"].established;
  const auto checks = compare(paced(), exhausted(), observed);
  CHECK(verdict_of(checks, "/workloads/load/established") == CheckVerdict::differs);
  CHECK(verdict_of(checks, "/workloads/load/failed") == CheckVerdict::agrees);
  CHECK(overall(checks) == CheckVerdict::differs);
}

TEST_CASE("another error than the predicted one differs on both sides") {
  RunResult observed = exhausted();
  observed.workloads["load"].failures.front().error = Error::eaddrinuse;
  const auto checks = compare(paced(), exhausted(), observed);
  CHECK(verdict_of(checks, "/workloads/load/failures/0/count") == CheckVerdict::differs);
  CHECK(verdict_of(checks, "/workloads/load/failures") == CheckVerdict::differs);
}

TEST_CASE("a client sees the error and the place, not the limit: failures of two limits add up") {
  RunResult predicted = exhausted();
  Failure second = predicted.workloads["load"].failures.front();
  second.limit = Limit::four_tuple;
  second.count = 5;
  predicted.workloads["load"].failures.front().count = 15;
  predicted.workloads["load"].failures.push_back(second);
  CHECK(verdict_of(compare(paced(), predicted, exhausted()), "/workloads/load/failures/0/count") ==
        CheckVerdict::agrees);
}

TEST_CASE("moments agree within what timers and a busy machine add") {
  const auto at = [](Duration first) {
    RunResult result = exhausted();
    Failure& failure = result.workloads["load"].failures.front();
    failure.error = Error::etimedout;
    failure.first_at = time_zero + first;
    return result;
  };
  const auto verdict = [&](Duration predicted, Duration observed) {
    return verdict_of(compare(paced(), at(predicted), at(observed)), "/workloads/load/failures/0/first_at_ns");
  };
  CHECK(verdict(seconds(131), milliseconds(133'400)) == CheckVerdict::agrees);
  CHECK(verdict(seconds(131), milliseconds(134'700)) == CheckVerdict::agrees);
  CHECK(verdict(seconds(131), seconds(127)) == CheckVerdict::differs);
  CHECK(verdict(seconds(131), seconds(141)) == CheckVerdict::differs);
  CHECK(verdict(milliseconds(300), milliseconds(100)) == CheckVerdict::agrees);
}

TEST_CASE("a machine that is late with its connections is as late with their failures") {
  RunResult observed = exhausted();
  observed.workloads["load"].failures.front().first_at = time_zero + seconds(9);
  const std::string metric = "/workloads/load/failures/0/first_at_ns";
  const Tolerances usual;
  CHECK(verdict_of(compare(paced(), exhausted(), observed, usual), metric) == CheckVerdict::differs);
  CHECK(verdict_of(compare(paced(), exhausted(), observed, usual.on_a_machine_late_by(seconds(8))), metric) ==
        CheckVerdict::agrees);
}

TEST_CASE("with all connections at one instant a machine's speed decides when a call is refused") {
  Scenario scenario = paced();
  scenario.workloads.at("load").arrivals = AtOnce{};
  RunResult observed = exhausted();
  observed.workloads["load"].failures.front().first_at = time_zero + seconds(60);
  const auto checks = compare(scenario, exhausted(), observed);
  CHECK(verdict_of(checks, "/workloads/load/failures/0/first_at_ns") == CheckVerdict::not_determined);
  CHECK_FALSE(find(checks, "/workloads/load/failures/0/first_at_ns")->why.empty());
}

TEST_CASE("an odd-sized range is compared as an interval") {
  Scenario scenario = paced();
  set_range(scenario, 40'000, 301);
  RunResult observed = exhausted();
  WorkloadResult& load = observed.workloads["load"];
  load.established = load.open_at_end = load.peak_open = 301;
  load.failed = load.failures.front().count = 19;
  const auto checks = compare(scenario, exhausted(), observed);
  CHECK(verdict_of(checks, "/workloads/load/established") == CheckVerdict::agrees);
  CHECK(std::get<Interval>(find(checks, "/workloads/load/established")->predicted) == Interval{299, 301});
  CHECK(verdict_of(checks, "/workloads/load/failures/0/count") == CheckVerdict::agrees);
  load.established = 303;
  CHECK(verdict_of(compare(scenario, exhausted(), observed), "/workloads/load/established") == CheckVerdict::differs);
}

TEST_CASE("how processes share a listener is left to chance within what they can hold") {
  Scenario scenario = paced();
  Process& web = scenario.hosts.at("server").processes.front();
  web.count = 4;
  web.nofile = 104;  // 100 each
  web.listeners.front().inherited = true;
  RunResult predicted = exhausted();
  ProcessResult& shared = predicted.hosts["server"].processes["web"];
  shared.accepted_least = shared.accepted_most = 75;
  RunResult observed = predicted;
  ProcessResult& seen = observed.hosts["server"].processes["web"];
  seen.accepted_least = 0;
  seen.accepted_most = 100;
  const std::string at = "/hosts/server/processes/web/accepted";
  CHECK(verdict_of(compare(scenario, predicted, observed), at + "_least") == CheckVerdict::agrees);
  CHECK(verdict_of(compare(scenario, predicted, observed), at + "_most") == CheckVerdict::agrees);
  seen.accepted_most = 101;
  CHECK(verdict_of(compare(scenario, predicted, observed), at + "_most") == CheckVerdict::differs);
  seen.accepted_most = 74;
  CHECK(verdict_of(compare(scenario, predicted, observed), at + "_most") == CheckVerdict::differs);
}

TEST_CASE("what SO_REUSEPORT's hash deals out is compared within the bounds of a draw") {
  // 4,000 connections to four processes that hold 1,020 each and let 129 more wait.
  Scenario scenario = paced(4'000);
  Process& web = scenario.hosts.at("server").processes.front();
  web.count = 4;
  web.nofile = 1'024;
  web.listeners.front().reuse_port = true;
  web.listeners.front().backlog = 128;
  RunResult predicted;
  WorkloadResult& load = predicted.workloads["load"];
  load.attempted = load.established = load.open_at_end = load.peak_open = 4'000;
  ProcessResult& shared = predicted.hosts["server"].processes["web"];
  shared.accepted = 3'980;
  shared.queued_at_end = 20;
  shared.refused_accepts = 20;
  shared.accepted_least = 940;
  shared.accepted_most = 1'020;
  shared.descriptors_peak = 1'024;
  predicted.binding = PlacedLimit{Limit::fd_per_process, {ProcessPlace{{Name("server")}, Name("web")}}};
  RunResult observed = predicted;
  ProcessResult& seen = observed.hosts["server"].processes["web"];
  const std::string at = "/hosts/server/processes/web";
  SECTION("an even deal, where nobody is refused") {
    seen.accepted = 4'000;
    seen.queued_at_end = seen.refused_accepts = 0;
    seen.accepted_least = 990;
    seen.accepted_most = 1'010;
    seen.descriptors_peak = 1'014;
    observed.binding.reset();
    for (const Check& check : compare(scenario, predicted, observed)) {
      CAPTURE(check.metric);
      CHECK(check.verdict == CheckVerdict::agrees);
    }
  }
  SECTION("a deal that no hash gives") {
    seen.accepted = 1'500;
    seen.accepted_least = 0;
    CHECK(verdict_of(compare(scenario, predicted, observed), at + "/accepted") == CheckVerdict::differs);
    CHECK(verdict_of(compare(scenario, predicted, observed), at + "/accepted_least") == CheckVerdict::differs);
  }
  SECTION("with room for all in each process nothing is left open") {
    web.nofile = 8'192;
    observed.workloads["load"].established = 3'999;
    CHECK(verdict_of(compare(scenario, predicted, observed), "/workloads/load/established") == CheckVerdict::differs);
  }
  SECTION("where several things are drawn together counts stay open") {
    scenario.workloads.at("load").retry.attempts = 1;
    observed.workloads["load"].established = 3'990;
    CHECK(verdict_of(compare(scenario, predicted, observed), "/workloads/load/established") ==
          CheckVerdict::not_determined);
  }
}

TEST_CASE("a limit that is met on one side only differs, and so does another use of a port pool") {
  const LimitUse pool{.limit = Limit::ephemeral_ports,
                      .place = way_out(),
                      .capacity = 300,
                      .peak = 300,
                      .exhausted = true,
                      .first_exhausted_at = {}};
  RunResult predicted = exhausted();
  predicted.limits = {pool};
  RunResult observed = predicted;
  CHECK(verdict_of(compare(paced(), predicted, observed), "/limits/0/exhausted") == CheckVerdict::agrees);
  CHECK(verdict_of(compare(paced(), predicted, observed), "/limits/0/peak") == CheckVerdict::agrees);
  CHECK(find(compare(paced(), predicted, observed), "/limits/0/peak")->what ==
        "ephemeral_ports at client 10.0.0.5 -> 10.1.0.9:443");
  observed.limits[0].peak = 299;
  CHECK(verdict_of(compare(paced(), predicted, observed), "/limits/0/peak") == CheckVerdict::differs);
  observed.limits[0].exhausted = false;
  CHECK(verdict_of(compare(paced(), predicted, observed), "/limits/0/exhausted") == CheckVerdict::differs);
  observed.limits[0].place = {HostPlace{Name("elsewhere")}};
  CHECK(verdict_of(compare(paced(), predicted, observed), "/limits/0/exhausted") == CheckVerdict::differs);
}

TEST_CASE("the first failure of one program comes after exactly so many") {
  RunResult observed = exhausted();
  const std::string metric = "/workloads/load/failures/0/first_after_established";
  CHECK(verdict_of(compare(paced(), exhausted(), observed), metric) == CheckVerdict::agrees);
  observed.workloads["load"].failures.front().first_after_established = 299;
  CHECK(verdict_of(compare(paced(), exhausted(), observed), metric) == CheckVerdict::differs);
  Scenario group = paced();
  group.hosts.at("client").count = 3;
  CHECK(verdict_of(compare(group, exhausted(), observed), metric) == CheckVerdict::agrees);  // near enough
  observed.workloads["load"].failures.front().first_after_established = 200;
  CHECK(verdict_of(compare(group, exhausted(), observed), metric) == CheckVerdict::not_determined);
}

TEST_CASE("what is late by a moment may count in the next window, what is missing may not") {
  Scenario scenario = paced();
  scenario.window = milliseconds(100);
  const auto windows = [](std::initializer_list<std::uint64_t> attempted) {
    RunResult result = exhausted();
    SimTime from = time_zero;
    for (const std::uint64_t count : attempted) {
      result.workloads["load"].windows.push_back({.from = from, .attempted = count, .established = 0, .failed = 0});
      from += milliseconds(100);
    }
    return result;
  };
  const auto verdict = [&](const RunResult& observed, const char* window) {
    return verdict_of(compare(scenario, windows({100, 100, 100, 20}), observed),
                      std::string("/workloads/load/windows/") + window + "/attempted");
  };
  CHECK(verdict(windows({100, 100, 100, 20}), "1") == CheckVerdict::agrees);
  CHECK(verdict(windows({98, 102, 99, 21}), "0") == CheckVerdict::agrees);
  CHECK(verdict(windows({98, 102, 99, 21}), "3") == CheckVerdict::agrees);
  CHECK(verdict(windows({400, 0, 0, 0}), "0") == CheckVerdict::differs);  // more than begin in all
  scenario.window = seconds(10);
  CHECK(verdict(windows({100, 100, 100, 20}), "0") == CheckVerdict::agrees);
  CHECK(verdict(windows({0, 0, 0, 320}), "1") == CheckVerdict::differs);  // ten seconds late
}

TEST_CASE("what follows the clock is near, not equal") {
  Scenario scenario = paced();
  scenario.workloads.at("load").hold = HoldConstant{milliseconds(1)};
  RunResult predicted = exhausted();
  predicted.ended_at = time_zero + seconds(120);
  RunResult observed = predicted;
  observed.workloads["load"].established = 310;
  CHECK(verdict_of(compare(scenario, predicted, observed), "/workloads/load/established") == CheckVerdict::agrees);
  observed.workloads["load"].established = 400;
  CHECK(verdict_of(compare(scenario, predicted, observed), "/workloads/load/established") == CheckVerdict::differs);
}

TEST_CASE("counters of dropped SYNs agree on whether there were any") {
  RunResult predicted = exhausted();
  predicted.hosts["server"].listen_drops = 12;
  RunResult observed = predicted;
  observed.hosts["server"].listen_drops = 11;
  CHECK(verdict_of(compare(paced(), predicted, observed), "/hosts/server/listen_drops") == CheckVerdict::agrees);
  CHECK(std::get<std::string>(find(compare(paced(), predicted, observed), "/hosts/server/listen_drops")->predicted) ==
        "at least 1");
  observed.hosts["server"].listen_drops = 0;
  CHECK(verdict_of(compare(paced(), predicted, observed), "/hosts/server/listen_drops") == CheckVerdict::differs);
}

TEST_CASE("what the observer cannot see is not held against either side") {
  RunResult observed = exhausted();
  observed.hosts.clear();
  for (const Check& check : compare(paced(), exhausted(), observed)) {
    CAPTURE(check.metric);
    CHECK(check.verdict != CheckVerdict::differs);
  }
  RunResult without = exhausted();
  without.workloads.clear();
  CHECK(overall(compare(paced(), exhausted(), without)) == CheckVerdict::differs);
}

TEST_CASE("names in metrics are escaped as JSON pointers") {
  Scenario scenario = paced();
  Workload odd = scenario.workloads.at("load");
  odd.name = "a/b~c";
  scenario.workloads.clear();
  scenario.workloads.emplace(odd.name, odd);
  RunResult result = exhausted();
  result.workloads[odd.name] = result.workloads.at("load");
  result.workloads.erase("load");
  CHECK(find(compare(scenario, result, result), "/workloads/a~1b~0c/established") != nullptr);
}

TEST_CASE("any result agrees with itself") {
  CHECK(rc::check([] {
    RunResult result = exhausted();
    WorkloadResult& load = result.workloads["load"];
    load.established = *rc::gen::arbitrary<std::uint32_t>();
    load.lost = *rc::gen::inRange<std::uint64_t>(0, 5);
    load.failures.front().first_at = time_zero + Duration(*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000));
    result.hosts["server"].time_wait_peak = *rc::gen::inRange<std::uint64_t>(0, 500);
    result.hosts["server"].listen_drops = *rc::gen::inRange<std::uint64_t>(0, 500);
    for (const Check& check : compare(paced(), result, result)) RC_ASSERT(check.verdict == CheckVerdict::agrees);
  }));
}
