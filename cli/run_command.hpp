// netlimits run SCENARIO...
#pragma once

#include "cli/exit_code.hpp"
#include "cli/result_output.hpp"
#include "cli/run_bounds.hpp"
#include "cli/scenario_input.hpp"

namespace netlimits::cli {

struct RunArguments {
  ScenarioArguments scenario{};
  RunBounds bounds{};
  OutputArguments output{};
  bool strict = false;  // a scenario that expects nothing does not hold when something breaks in it
};

ExitCode run_command(const RunArguments& arguments);

}  // namespace netlimits::cli
