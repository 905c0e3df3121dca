// Plans for random scenarios: each is proven by a run of the changed scenario, and nothing of it can be left out.
// A short form of what NETLIMITS_PLAN_CASES=200 does; NETLIMITS_PLAN_SEED draws others.
#include <rapidcheck.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>

#include "analysis/plan/plan.hpp"
#include "analysis/plan/proof.hpp"
#include "fuzz/scenarios/scenario_engines.hpp"
#include "fuzz/scenarios/scenario_generator.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/scenario_loader.hpp"
#include "scenarios/scenario_writer.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;

namespace {

constexpr std::uint64_t usual_cases = 40;

std::uint64_t figure_from(const char* variable, std::uint64_t usual) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? usual : std::stoull(text);
}

struct Tally {
  std::uint64_t scenarios = 0;
  std::uint64_t reached_already = 0;
  std::uint64_t planned = 0;
  std::uint64_t plans = 0;
  std::uint64_t proven = 0;
  std::uint64_t not_looked_at = 0;  // plans of which the analysis says what it does not look at
  std::map<std::string, std::uint64_t> knobs{};
};

const fuzz::ScenarioOptions& options() {
  static const fuzz::ScenarioOptions made = [] {
    fuzz::ScenarioOptions of;
    const scenarios::ProfileSet& profiles = scenarios::ProfileSet::built_in();
    of.profiles.push_back(profiles.find("linux"));
    for (const std::string& name : profiles.names()) of.profiles.push_back(profiles.find(name));
    of.plain_per_cent = 70;
    return of;
  }();
  return made;
}

std::string words_of(const Plan& plan) {
  std::string words;
  for (const Change& change : plan.changes)
    words += std::string(change.knob->name) + " " + change.place.text() + " " + change.value_before + " -> " +
             change.value_after + "; ";
  return words;
}

// Workloads whose connections end and that may share ports are followed one connection after another: the analysis
// takes up to a tenth of a second for each answer. Left to the long form.
bool takes_long(const Scenario& scenario) {
  const bool some_end = std::any_of(scenario.workloads.begin(), scenario.workloads.end(), [](const auto& named) {
    return !std::holds_alternative<HoldForever>(named.second.hold);
  });
  return some_end && scenario.workloads.size() > 1;
}

// As a user has it: written, and read again.
Scenario read_again(const Scenario& scenario) {
  const std::string text = scenarios::scenario_text(scenario);
  const auto read = scenarios::load_scenario(text, scenario.name, scenarios::ProfileSet::built_in(), {});
  if (!read) RC_FAIL(scenarios::text_of(read.error()) + "\n" + text);
  return *read;
}

void check_proven(const Scenario& changed, Tally& tally) {
  const Scenario read = read_again(changed);
  const Proof proof = proof_of(read, fuzz::run_to_its_end(read));
  if (proof.verdict != ProofVerdict::holds) RC_FAIL(proof.why + "\n" + scenarios::scenario_text(changed));
  ++tally.proven;
}

void check_minimal(const PlanAnswer& answer, const Plan& plan, const PlanGoal& goal) {
  RC_ASSERT(reached(plan.scenario, goal).all);
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    std::vector<Change> fewer = plan.changes;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(i));
    RC_ASSERT(!reached(with_changes(answer.asked, fewer), goal).all);
    std::vector<Change> smaller = plan.changes;
    if (--smaller[i].after == smaller[i].before) continue;
    RC_ASSERT(!reached(with_changes(answer.asked, smaller), goal).all);
  }
}

void check_plans(const Scenario& scenario, const PlanGoal& goal, Tally& tally) {
  const auto answer = plan(scenario, goal, {});
  if (!answer) return;
  ++tally.scenarios;
  if (answer->now.all) {
    ++tally.reached_already;
    if (answer->now.left_out.empty()) check_proven(answer->asked, tally);
    return;
  }
  if (answer->plans.empty()) {
    RC_ASSERT(!answer->furthest.all);
    return;
  }
  ++tally.planned;
  for (const Plan& one : answer->plans) {
    RC_LOG() << words_of(one) << "\n";
    ++tally.plans;
    for (const Change& change : one.changes) ++tally.knobs[std::string(change.knob->name)];
    check_minimal(*answer, one, goal);
    if (one.left_out.empty()) {
      check_proven(one.scenario, tally);
    } else {
      ++tally.not_looked_at;
      read_again(one.scenario);
    }
  }
}

PlanGoal any_goal(const Scenario& scenario) {
  PlanGoal goal;
  const auto any = [](std::uint64_t first, std::uint64_t last) {
    return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(first, last + 1));
  };
  const std::uint64_t times = any(1, 5);
  const std::uint64_t kind = any(0, 5);
  if (kind == 0) {
    goal.rate = SustainedRate{any(1, 8), 1'000'000'000};
    return goal;
  }
  std::uint64_t asked = 0;
  for (const auto& [name, workload] : scenario.workloads) asked += workload.connections;
  if (kind == 1) goal.survive = true;
  goal.held = times * asked;
  return goal;
}

}  // namespace

TEST_CASE("every plan for a random scenario is proven by a run, and is minimal") {
  // The same scenarios each time; of one that fails the smallest like it.
  const std::string parameters = "seed=" + std::to_string(figure_from("NETLIMITS_PLAN_SEED", 1)) +
                                 " max_success=" + std::to_string(figure_from("NETLIMITS_PLAN_CASES", usual_cases));
  REQUIRE(setenv("RC_PARAMS", parameters.c_str(), 1) == 0);
  const bool is_long = std::getenv("NETLIMITS_PLAN_CASES") != nullptr;
  Tally tally;
  const bool all_hold = rc::check("plans hold and are minimal", [&] {
    constexpr std::uint64_t seed = 1;
    const auto number = *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::uint64_t>(0, 1'000'000));
    const Scenario scenario = fuzz::random_scenario(seed, number, options());
    const PlanGoal goal = any_goal(scenario);
    if (!is_long && takes_long(scenario)) return;
    RC_LOG() << "case " << number << " of seed " << seed << ", " << goal.held.value_or(0) << " held, rate "
             << (goal.rate ? goal.rate->text() : "-") << (goal.survive ? ", survives\n" : "\n");
    check_plans(scenario, goal, tally);
  });
  CHECK(all_hold);
  UNSCOPED_INFO(tally.scenarios << " scenarios, " << tally.reached_already << " reached already, " << tally.planned
                                << " planned, " << tally.plans << " plans, " << tally.proven << " runs proven, "
                                << tally.not_looked_at << " plans with more to look at");
  for (const auto& [name, count] : tally.knobs) UNSCOPED_INFO(name << ": " << count);
  CHECK(tally.plans > tally.scenarios);
  CHECK(tally.knobs.size() >= 8);
}
