// netlimits diff BEFORE AFTER
#pragma once

#include <cstdint>
#include <string>

#include "cli/exit_code.hpp"
#include "cli/result_output.hpp"
#include "cli/run_bounds.hpp"
#include "cli/scenario_input.hpp"

namespace netlimits::cli {

enum class AnsweredBy : std::uint8_t { both, capacity, run };

struct DiffArguments {
  ScenarioArguments scenario{};  // two files; the changes are made to the second one
  RunBounds bounds{};
  OutputArguments output{};
  AnsweredBy by = AnsweredBy::both;  // which engines answer a scenario that is compared with another one
};

// Exit code 1 where anything changed. A scenario beside a result is answered as that one was.
ExitCode diff_command(const DiffArguments& arguments);

}  // namespace netlimits::cli
