// netlimits validate SCENARIO...
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/result_output.hpp"
#include "cli/run_bounds.hpp"
#include "cli/scenario_input.hpp"

namespace netlimits::cli {

struct ValidateArguments {
  ScenarioArguments scenario{};
  RunBounds bounds{};
  OutputArguments output{};
  bool require_kernel = false;
  bool full = false;
  std::optional<std::uint64_t> scale{};
  std::size_t jobs = 2;                    // most of a run is waiting: two take half as long on any machine
  std::vector<std::string> programs{};     // "HOST/PROCESS=COMMAND"
  std::vector<std::string> environment{};  // of these programs: "NAME" as it is here, or "NAME=VALUE"
  bool programs_write = false;
};

ExitCode validate_command(const ValidateArguments& arguments);

}  // namespace netlimits::cli
