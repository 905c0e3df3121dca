// netlimits capacity SCENARIO
#pragma once

#include "cli/exit_code.hpp"
#include "cli/result_output.hpp"
#include "cli/scenario_input.hpp"

namespace netlimits::cli {

struct CapacityArguments {
  ScenarioArguments scenario{};
  OutputArguments output{};
};

ExitCode capacity_command(const CapacityArguments& arguments);

}  // namespace netlimits::cli
