// netlimits fuzz --scenarios
#pragma once

#include <optional>
#include <string>

#include "cli/exit_code.hpp"
#include "cli/fuzz_command.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::cli {

// Asks no kernel. Exit 3 when a scenario breaks a law.
// The scenario as a user would give it: written as text and read again. An error in words when the loader refuses it,
// or when what it read is written otherwise.
std::optional<std::string> written_and_read(const Scenario& scenario);

ExitCode fuzz_scenarios_command(const FuzzArguments& arguments);

}  // namespace netlimits::cli
