// A scenario of a few options in place of a file.
#pragma once

#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "cli/exit_code.hpp"
#include "cli/result_output.hpp"
#include "cli/scenario_input.hpp"
#include "scenarios/templates/templates.hpp"

namespace netlimits::cli {

struct OneLineArguments {
  scenarios::OneLine options{};
  std::vector<const CLI::Option*> declared{};
  bool print = false;  // the scenario, not the answer
};

// --clients, --to, --port, ... and --print. The command's files are no longer required then: take_one_line() judges.
void add_one_line(CLI::App& command, OneLineArguments& arguments);

// Puts the scenario in place of a file where any of these options was given. Throws CLI::ParseError: neither a file nor
// an option, or both, or --print of a file.
void take_one_line(const CLI::App& command, const OneLineArguments& arguments, ScenarioArguments& scenario);

// Writes the scenario with its --set, if it is one.
ExitCode print_one_line(const ScenarioArguments& scenario, const OutputArguments& output);

}  // namespace netlimits::cli
