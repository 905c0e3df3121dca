// The smallest sets of changes with which a scenario carries more: what `plan` prints.
//
// A set is minimal by the analysis that `capacity` prints: without one of its changes, or with one of its figures one
// smaller, somebody is refused (where chance has a part: with the least luck). Between several figures that could be
// traded for each other those are smallest that cost most.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "analysis/plan/knob.hpp"
#include "analysis/plan/plan_goal.hpp"
#include "analysis/plan/reached.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

struct Change {
  const Knob* knob = nullptr;
  DialPlace place{};
  std::uint64_t before = 0;  // figures of the dial
  std::uint64_t after = 0;
  std::string value_before{};  // what the scenario says there
  std::string value_after{};
  SettingLines settings{};  // with the values after
  std::string host{};       // whose system it is about; empty: a gateway's
  std::uint64_t cost = 0;   // in points, as weighed
};

struct Plan {
  std::vector<Change> changes{};  // in the order of the table of knobs
  std::uint64_t cost = 0;
  Scenario scenario{};                  // with the demand of the goal, and changed
  std::vector<std::string> left_out{};  // what the analysis does not look at and a run does
};

struct PlanWishes {
  std::set<std::string> preferred{};  // knobs that cost a quarter
  std::set<std::string> forbidden{};  // knobs that nobody may turn
  std::size_t most = 10;              // plans
};

struct PlanAnswer {
  Scenario asked{};              // with the demand of the goal, and not changed
  Reached now{};                 // `all`: it carries that already, and there is nothing to plan
  std::vector<Plan> plans{};     // the cheapest first; with equal costs those of fewer changes, then by names
  bool more = false;             // others were found that cost more
  Reached furthest{};            // where no plan is found: what is in the way after all that could be turned
  std::vector<Change> turned{};  // and what was turned for that
};

// The error is one of with_demand(). Requires: a checked scenario, and names of knobs.
tl::expected<PlanAnswer, std::string> plan(const Scenario& scenario, const PlanGoal& goal, const PlanWishes& wishes);

// The scenario with only these changes: to see what one of them is for. Requires: changes of a plan for `asked`.
Scenario with_changes(const Scenario& asked, const std::vector<Change>& changes);

}  // namespace netlimits::analysis
