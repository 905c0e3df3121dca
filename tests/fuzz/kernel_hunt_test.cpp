// The hunt for scenarios that a kernel runs otherwise, on kernels that are made up.
#include "fuzz/scenarios/kernel_hunt.hpp"

#include <memory>
#include <utility>

#include "model/systems/os_profile.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::fuzz;

namespace {

using Kernel = std::function<Trial(std::uint64_t number, const Scenario&)>;

// Answers in the order in which it was asked.
KernelTrials trials_of(const Kernel& kernel) {
  auto under_way = std::make_shared<std::vector<KernelTrials::Ended>>();
  KernelTrials trials;
  trials.can_be_read = [](const Scenario& scenario) { return !scenario.hosts.empty() && !scenario.workloads.empty(); };
  trials.begin = [=](std::uint64_t number, const Scenario& scenario) {
    under_way->push_back({number, kernel(number, scenario)});
  };
  trials.wait = [=] {
    KernelTrials::Ended first = std::move(under_way->front());
    under_way->erase(under_way->begin());
    return first;
  };
  return trials;
}

KernelHuntOptions options_of(std::uint64_t cases) {
  auto profile = std::make_shared<OsProfile>();
  profile->name = "linux";
  profile->system = "linux";
  KernelHuntOptions options;
  options.cases = cases;
  options.generator.profiles = {profile};
  options.generator.for_a_sandbox = true;
  return options;
}

std::uint64_t asked(const Scenario& scenario) {
  std::uint64_t connections = 0;
  for (const auto& [name, workload] : scenario.workloads) connections += workload.connections;
  return connections;
}

Trial differs(std::uint64_t checks) {
  return {.checks = checks, .differs = {{"/workloads/*/established", "one less"}}};
}

}  // namespace

TEST_CASE("a kernel that does as predicted gives no finding") {
  const auto result = hunt_on_kernel(options_of(30), trials_of([](auto, const auto&) { return Trial{.checks = 7}; }));
  CHECK(result.cases == 30);
  CHECK(result.checks == 210);
  CHECK(result.findings.empty());
  CHECK(result.unsteady.empty());
  CHECK(result.cases_not_determined == 0);
}

TEST_CASE("a kernel that always loses the ninth connection is found, and shrunk to nine") {
  KernelHuntOptions options = options_of(30);
  options.most_findings = 2;
  options.shrink_trials = 500;
  const auto result = hunt_on_kernel(options, trials_of([](auto, const Scenario& scenario) {
                                       return asked(scenario) > 8 ? differs(5) : Trial{.checks = 5};
                                     }));
  REQUIRE(result.findings.size() == 2);
  for (const KernelFinding& finding : result.findings) {
    CHECK(asked(finding.scenario) == 9);
    CHECK(finding.scenario.events.empty());
    CHECK(finding.differs.front().what == "one less");
  }
}

TEST_CASE("what differs once and not again is a matter of moments, named by its number") {
  std::map<std::uint64_t, int> times;
  KernelHuntOptions options = options_of(10);
  options.first_case = 100;
  const auto result = hunt_on_kernel(options, trials_of([&](std::uint64_t number, const auto&) {
                                       return number == 104 && times[number]++ == 0 ? differs(5) : Trial{.checks = 5};
                                     }));
  CHECK(result.findings.empty());
  CHECK(result.unsteady == std::vector<std::uint64_t>{104});
}

TEST_CASE("after findings enough the others are named, and not tried again") {
  KernelHuntOptions options = options_of(6);
  options.most_findings = 1;
  options.shrink_trials = 0;
  options.jobs = 3;
  const auto result = hunt_on_kernel(options, trials_of([](auto, const auto&) { return differs(5); }));
  CHECK(result.findings.size() == 1);
  CHECK_FALSE(result.shrunk);
  CHECK(result.asked == 6);
  CHECK(result.not_repeated.size() == result.cases - 1);
}

TEST_CASE("another figure that differs the next time is no repetition") {
  int trial = 0;
  KernelHuntOptions options = options_of(1);
  const auto result = hunt_on_kernel(options, trials_of([&](auto, const auto&) {
                                       Trial one = differs(5);
                                       one.differs.front().figure = trial++ % 2 == 0 ? "/a" : "/b";
                                       return one;
                                     }));
  CHECK(result.findings.empty());
  CHECK(result.unsteady.size() == 1);
}

TEST_CASE("what was not determined is counted by its reason, in checks and in cases") {
  const auto result = hunt_on_kernel(options_of(4), trials_of([](std::uint64_t number, const auto&) {
                                       Trial trial{.checks = 10};
                                       if (number < 2) trial.not_determined = {{"chance", 3}, {"clock", 1}};
                                       if (number == 3) trial = {.not_asked = "no sandbox"};
                                       return trial;
                                     }));
  CHECK(result.checks == 30);
  CHECK(result.checks_not_determined == 8);
  CHECK(result.cases_not_determined == 3);
  CHECK(result.cases_not_asked == 1);
  CHECK(result.not_determined.at("chance") == 2);
  CHECK(result.not_determined.at("no sandbox") == 1);
}

TEST_CASE("for a sandbox, no scenario has what a sandbox cannot be given") {
  const KernelHuntOptions options = options_of(0);
  std::uint64_t held = 0;
  for (std::uint64_t number = 0; number < 300; ++number) {
    const Scenario scenario = random_scenario(1, number, options.generator);
    for (const auto& [name, host] : scenario.hosts) {
      CHECK(host.open_files == 0);
      CHECK_FALSE(host.set_by_scenario.contains("fs.file-max"));
      for (const HeldConnections& one : host.held_connections) {
        CHECK(one.state == HeldConnectionState::open);
        ++held;
      }
    }
  }
  CHECK(held > 20);
}
