// netlimits probe
#pragma once

#include <CLI/CLI.hpp>

#include "cli/exit_code.hpp"

namespace netlimits::cli {

void add_probe_command(CLI::App& app, ExitCode& exit_code);

}  // namespace netlimits::cli
