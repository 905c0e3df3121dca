// What a user may type for `plan`.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/exit_code.hpp"

namespace netlimits::cli {

void add_plan(CLI::App& app, ExitCode& exit_code);

}  // namespace netlimits::cli
