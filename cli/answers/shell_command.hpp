// netlimits completion, netlimits man
#pragma once

#include <CLI/CLI.hpp>

#include "cli/exit_code.hpp"

namespace netlimits::cli {

// Both are written from the description of `app`, which outlives them.
void add_shell(CLI::App& app, ExitCode& exit_code);

}  // namespace netlimits::cli
