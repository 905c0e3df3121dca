// netlimits run SCENARIO...
#pragma once

#include "cli/exit_code.hpp"
#include "cli/result_output.hpp"
#include "cli/scenario_input.hpp"

namespace netlimits::cli {

struct RunArguments {
  ScenarioArguments scenario{};
  OutputArguments output{};
};

ExitCode run_command(const RunArguments& arguments);

}  // namespace netlimits::cli
