// Loads one scenario, asks the analysis, and prints its report as text or JSON.
#include "cli/capacity_command.hpp"

#include <iostream>
#include <memory>

#include "analysis/capacity.hpp"
#include "cli/files.hpp"
#include "cli/scenario_input.hpp"
#include "live/sandbox/terminal.hpp"
#include "report/capacity_report.hpp"

namespace netlimits::cli {
namespace {}  // namespace

ExitCode capacity_command(const CapacityArguments& arguments) {
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

}  // namespace netlimits::cli
