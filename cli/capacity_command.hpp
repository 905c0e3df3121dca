// netlimits capacity SCENARIO...
#pragma once

#include "analysis/claims/capacity_claims.hpp"
#include "cli/exit_code.hpp"
#include "cli/result_output.hpp"
#include "cli/scenario_input.hpp"

namespace netlimits::cli {

struct CapacityArguments {
  ScenarioArguments scenario{};
  OutputArguments output{};
  analysis::CapacityClaims claims{};
};

// Exit code 1 where a claim does not hold.
ExitCode capacity_command(const CapacityArguments& arguments);

}  // namespace netlimits::cli
