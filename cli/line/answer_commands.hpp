// What a user may type for the commands that answer a question without running a scenario.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/exit_code.hpp"

namespace netlimits::cli {

void add_diagnose(CLI::App& app, ExitCode& exit_code);

}  // namespace netlimits::cli
