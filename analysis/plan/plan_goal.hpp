// What a plan has to reach, as a scenario that asks for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "analysis/churn/rate.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

// At least one of the three.
struct PlanGoal {
  std::optional<std::uint64_t> held{};  // connections at the same time, of all workloads together
  std::optional<SustainedRate> rate{};  // new connections a second, of each workload whose connections end
  bool survive = false;                 // ... with any one host behind a balancer down
  std::string workload{};               // whose figure that is; empty: as above
};

// As many as a scenario may ask for (docs/scenario-format.md).
inline constexpr std::uint64_t most_planned = 100'000'000;

// The scenario with the demand of the goal, and without expectations.
//  - held: workloads share it in proportion to what they ask for now. Of connections that come at a constant rate and
//    are held for a constant time, the rate is the lowest with which so many are there at once.
//  - rate: connections come at a constant rate (at random, where they do), and go on for two lives of a port at least:
//    hold time and TIME_WAIT. The scenario has no end then.
// The error says why the goal cannot be asked of this scenario, and what can.
tl::expected<Scenario, std::string> with_demand(const Scenario& scenario, const PlanGoal& goal);

}  // namespace netlimits::analysis
