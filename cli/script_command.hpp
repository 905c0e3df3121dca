#pragma once

#include <CLI/CLI.hpp>

#include "cli/exit_code.hpp"

namespace netlimits::cli {

// netlimits script FILE|DIR... --model | --kernel | --both
void add_script_command(CLI::App& app, ExitCode& exit_code);

}  // namespace netlimits::cli
