// Options that several commands have, declared to CLI11.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cli/result_output.hpp"
#include "cli/run_bounds.hpp"
#include "cli/scenario_input.hpp"

namespace netlimits::cli {

// What results of `run`, `capacity`, `validate` and `script` can look like.
const std::vector<Format>& every_format();

// Of CLI11: why a text is no seed; empty: it is one.
std::string is_seed(const std::string& text);

// --profile-dir.
void add_profile_directory(CLI::App& command, std::string& directory);
// --set, --seed and --profile-dir.
void add_scenario_changes(CLI::App& command, ScenarioArguments& arguments);
// The files, and these. `several`: the command takes more than one file. The option of the files, which are required.
CLI::Option* add_scenario_arguments(CLI::App& command, ScenarioArguments& arguments, bool several);
// --memory, --steps and --timeout.
void add_bounds(CLI::App& command, RunBounds& bounds);
// --format, one of `formats`, and --output.
void add_output_arguments(CLI::App& command, OutputArguments& arguments, const std::vector<Format>& formats);

}  // namespace netlimits::cli
