// Loads all files, replays each, and prints the reports in the form asked for; the exit code tells of broken claims.
#include "cli/run_command.hpp"

#include <fmt/format.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "cli/files.hpp"
#include "cli/messages.hpp"
#include "cli/replayed.hpp"
#include "cli/scenario_input.hpp"
#include "report/run_report.hpp"

namespace netlimits::cli {
namespace {

ExitCode deliver(const std::vector<report::RunReport>& reports, const OutputArguments& output, ExitCode code) {
  const auto text_of = [&](const report::RunReport& report) { return report::run_text(report, output.style()); };
  const Forms forms{
      {Format::text, [&] { return one_after_another(reports, "\n", text_of); }},
      {Format::json, [&] { return one_after_another(reports, "", report::run_json); }},
      {Format::junit, [&] { return report::run_junit(reports); }},
      {Format::tap, [&] { return report::run_tap(reports); }},
      {Format::github, [&] { return report::run_github(reports); }},
      {Format::markdown, [&] { return report::run_markdown(reports); }},
      {Format::html, [&] { return report::run_html(reports); }},
  };
  return deliver(output, forms, code);
}

// A scenario that expects nothing cannot fail: whoever reads the exit code alone is told that something broke in it.
ExitCode exit_code_of(const report::RunReport& report) {
  if (report.verdict == report::Verdict::fails) return ExitCode::does_not_hold;
  if (breaks_unclaimed(report)) return ExitCode::does_not_hold;
  if (report.verdict != report::Verdict::unchecked || !report.result.binding) return ExitCode::holds;
  complain(fmt::format(
      "{}: something breaks, and nothing is expected, so that the exit code does not tell: see \"expect\", or --strict",
      report.file));
  return ExitCode::holds;
}

}  // namespace

ExitCode run_command(const RunArguments& arguments) {
  const auto profiles = load_profiles(arguments.scenario.profile_directory);
  if (!profiles) {
    complain_of_lines(profiles.error());
    return ExitCode::bad_input;
  }
  // All files are read before anything is replayed: bad input never gets half an answer.
  ExitCode code = ExitCode::holds;
  std::vector<std::pair<std::string, Scenario>> scenarios;
  for (const std::string& file : arguments.scenario.files) {
    auto scenario = load(arguments.scenario, file, *profiles);
    const auto refused = scenario ? refused_before_run(*scenario, arguments.bounds, display_name(file))
                                  : std::optional(scenario.error());
    if (refused) {
      complain_of_lines(*refused);
      code = ExitCode::bad_input;
      continue;
    }
    scenarios.emplace_back(file, std::move(*scenario));
  }
  if (code != ExitCode::holds) return code;
  std::vector<report::RunReport> reports;
  for (const auto& [file, scenario] : scenarios) {
    auto report = replayed(scenario, arguments.bounds, display_name(file));
    if (!report) {
      complain_of_lines(report.error());
      return ExitCode::bad_input;
    }
    report->strict = arguments.strict;
    reports.push_back(*std::move(report));
    code = worse(code, exit_code_of(reports.back()));
  }
  return deliver(reports, arguments.output, code);
}

}  // namespace netlimits::cli
