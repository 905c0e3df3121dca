// netlimits plan SCENARIO
#pragma once

#include <cstddef>
#include <optional>

#include "analysis/plan/plan.hpp"
#include "cli/exit_code.hpp"
#include "cli/plan/plan_proofs.hpp"
#include "cli/result_output.hpp"
#include "cli/run_bounds.hpp"
#include "cli/scenario_input.hpp"

namespace netlimits::cli {

struct PlanArguments {
  ScenarioArguments scenario{};  // one file
  analysis::PlanGoal goal{};     // something is asked for
  analysis::PlanWishes wishes{};
  ProofArguments proof{};
  OutputArguments output{};
  std::optional<std::size_t> apply{};  // number of a plan, whose scenario is written in place of a report
};

// Exit code 1 where no plan reaches the goal, 3 where the kernel shows otherwise.
ExitCode plan_command(const PlanArguments& arguments);

}  // namespace netlimits::cli
