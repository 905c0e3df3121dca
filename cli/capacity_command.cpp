// Loads all files, asks the analysis of each, and prints the reports in the form asked for.
#include "cli/capacity_command.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "analysis/capacity.hpp"
#include "cli/files.hpp"
#include "cli/messages.hpp"
#include "cli/scenario_input.hpp"
#include "report/capacity_claims.hpp"
#include "report/capacity_report.hpp"

namespace netlimits::cli {

ExitCode capacity_command(const CapacityArguments& arguments) {
  const auto profiles = load_profiles(arguments.scenario.profile_directory);
  if (!profiles) {
    complain_of_lines(profiles.error());
    return ExitCode::bad_input;
  }
  // All files are read before anything is answered: bad input never gets half an answer.
  ExitCode code = ExitCode::holds;
  std::vector<std::pair<std::string, Scenario>> scenarios;
  for (const std::string& file : arguments.scenario.files) {
    auto scenario = load(arguments.scenario, file, *profiles);
    if (!scenario) {
      complain_of_lines(scenario.error());
      code = ExitCode::bad_input;
      continue;
    }
    scenarios.emplace_back(file, std::move(*scenario));
  }
  if (code != ExitCode::holds) return code;
  std::vector<report::CapacityReport> reports;
  for (const auto& [file, scenario] : scenarios) {
    reports.push_back(
        report::make_capacity_report(scenario, analysis::capacity(scenario), arguments.claims, display_name(file)));
    if (arguments.claims.sustains && reports.back().capacity.steady_state.empty()) {
      complain(fmt::format("{}: --sustains asks of connections that end, and none of its workloads has a hold time",
                           display_name(file)));
      return ExitCode::bad_input;
    }
    if (!holds(reports.back())) code = ExitCode::does_not_hold;
  }
  const auto text_of = [&](const report::CapacityReport& report) {
    return report::capacity_text(report, arguments.output.style());
  };
  const Forms forms{{Format::text, [&] { return one_after_another(reports, "\n", text_of); }},
                    {Format::json, [&] { return one_after_another(reports, "", report::capacity_json); }},
                    {Format::junit, [&] { return report::capacity_junit(reports); }},
                    {Format::tap, [&] { return report::capacity_tap(reports); }},
                    {Format::github, [&] { return report::capacity_github(reports); }},
                    {Format::markdown, [&] { return report::capacity_markdown(reports); }},
                    {Format::html, [&] { return report::capacity_html(reports); }}};
  return deliver(arguments.output, forms, code);
}

}  // namespace netlimits::cli
