#include "cli/capacity_command.hpp"

#include <iostream>
#include <memory>

#include "analysis/capacity.hpp"
#include "cli/files.hpp"
#include "cli/scenario_input.hpp"
#include "live/terminal.hpp"
#include "report/capacity_report.hpp"

namespace netlimits::cli {
namespace {

struct Arguments {
  ScenarioArguments scenario{};
  OutputArguments output{};
};

ExitCode capacity(const Arguments& arguments) {
  const auto profiles = load_profiles(arguments.scenario.profile_directory);
  if (!profiles) {
    std::cerr << profiles.error() << "\n";
    return ExitCode::bad_input;
  }
  const auto scenario = load(arguments.scenario, arguments.scenario.files.front(), *profiles);
  if (!scenario) {
    std::cerr << scenario.error() << "\n";
    return ExitCode::bad_input;
  }
  const auto report = report::make_capacity_report(*scenario, analysis::capacity(*scenario));
  const report::TextStyle style{.colour = arguments.output.file.empty() && live::wants_colour(live::Stream::output)};
  const auto done =
      write_output(arguments.output.file, arguments.output.format == "json" ? report::capacity_json(report)
                                                                            : report::capacity_text(report, style));
  if (done) return ExitCode::holds;
  std::cerr << "netlimits: " << done.error() << "\n";
  return ExitCode::bad_input;
}

}  // namespace

void add_capacity_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "capacity",
      "Without running: how many does it hold, which limit binds, and the ladder of what binds next\n\n"
      "Example: netlimits capacity scenarios/server-descriptors-2048.json");
  auto arguments = std::make_shared<Arguments>();
  add_scenario_arguments(*command, arguments->scenario, false);
  add_output_arguments(*command, arguments->output, {"text", "json"});
  command->callback([arguments, &exit_code] { exit_code = worse(exit_code, capacity(*arguments)); });
}

}  // namespace netlimits::cli
