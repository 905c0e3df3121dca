// Loads all files, replays each, and prints the reports in the form asked for; the exit code tells of broken claims.
#include "cli/run_command.hpp"

#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <utility>

#include "analysis/capacity.hpp"
#include "cli/files.hpp"
#include "cli/progress_line.hpp"
#include "cli/scenario_input.hpp"
#include "live/sandbox/terminal.hpp"
#include "report/run_report.hpp"
#include "sim/replay.hpp"

namespace netlimits::cli {
namespace {

report::RunReport replay_one(const Scenario& scenario, const std::string& file) {
  ProgressLine line;
  sim::ReplayOptions options;
  options.progress = [&](const sim::Progress& progress) {
    line.show(fmt::format("{}: {} s of virtual time, {} of {} connections begun", scenario.name,
                          progress.now.time_since_epoch() / std::chrono::seconds(1), progress.attempted,
                          progress.asked));
  };
  return report::make_run_report(scenario, sim::replay(scenario, options), analysis::capacity(scenario), file);
}

std::string written(const std::vector<report::RunReport>& reports, const OutputArguments& output) {
  if (output.format == "junit") return report::run_junit(reports);
  if (output.format == "tap") return report::run_tap(reports);
  if (output.format == "github") return report::run_github(reports);
  if (output.format == "markdown") return report::run_markdown(reports);
  if (output.format == "html") return report::run_html(reports);
  const report::TextStyle style{.colour = output.file.empty() && live::wants_colour(live::Stream::output)};
  std::string text;
  for (const report::RunReport& report : reports) {
    if (output.format == "json") {
      text += report::run_json(report);
    } else {
      if (!text.empty()) text += "\n";
      text += report::run_text(report, style);
    }
  }
  return text;
}

}  // namespace

ExitCode run_command(const RunArguments& arguments) {
  const auto profiles = load_profiles(arguments.scenario.profile_directory);
  if (!profiles) {
    std::cerr << profiles.error() << "\n";
    return ExitCode::bad_input;
  }
  // All files are read before anything is replayed: bad input never gets half an answer.
  ExitCode code = ExitCode::holds;
  std::vector<std::pair<std::string, Scenario>> scenarios;
  for (const std::string& file : arguments.scenario.files) {
    auto scenario = load(arguments.scenario, file, *profiles);
    if (!scenario) {
      std::cerr << scenario.error() << "\n";
      code = ExitCode::bad_input;
      continue;
    }
    scenarios.emplace_back(file, std::move(*scenario));
  }
  if (code != ExitCode::holds) return code;
  std::vector<report::RunReport> reports;
  for (const auto& [file, scenario] : scenarios) {
    reports.push_back(replay_one(scenario, display_name(file)));
    if (reports.back().verdict == report::Verdict::fails) code = worse(code, ExitCode::does_not_hold);
  }
  const auto done = write_output(arguments.output.file, written(reports, arguments.output));
  if (!done) {
    std::cerr << "netlimits: " << done.error() << "\n";
    return worse(code, ExitCode::bad_input);
  }
  return code;
}

}  // namespace netlimits::cli
