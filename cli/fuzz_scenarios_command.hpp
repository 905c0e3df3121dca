// netlimits fuzz --scenarios
#pragma once

#include "cli/exit_code.hpp"
#include "cli/fuzz_command.hpp"

namespace netlimits::cli {

// Asks no kernel. Exit 3 when a scenario breaks a law.
ExitCode fuzz_scenarios_command(const FuzzArguments& arguments);

}  // namespace netlimits::cli
