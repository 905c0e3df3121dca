// Loads one scenario, asks the analysis, and prints its report as text or JSON.
#include "cli/capacity_command.hpp"

#include <memory>

#include "analysis/capacity.hpp"
#include "cli/messages.hpp"
#include "cli/scenario_input.hpp"
#include "report/capacity_report.hpp"

namespace netlimits::cli {

ExitCode capacity_command(const CapacityArguments& arguments) {
  const auto profiles = load_profiles(arguments.scenario.profile_directory);
  if (!profiles) {
    complain_of_lines(profiles.error());
    return ExitCode::bad_input;
  }
  const auto scenario = load(arguments.scenario, arguments.scenario.files.front(), *profiles);
  if (!scenario) {
    complain_of_lines(scenario.error());
    return ExitCode::bad_input;
  }
  const auto report = report::make_capacity_report(*scenario, analysis::capacity(*scenario));
  const Forms forms{{Format::text, [&] { return report::capacity_text(report, arguments.output.style()); }},
                    {Format::json, [&] { return report::capacity_json(report); }}};
  return deliver(arguments.output, forms, ExitCode::holds);
}

}  // namespace netlimits::cli
