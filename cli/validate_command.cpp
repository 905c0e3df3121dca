// Makes the twin of each scenario, predicts and observes, several at a time, and prints the comparison.
#include "cli/validate_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iterator>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/comparison/validation.hpp"
#include "cli/files.hpp"
#include "cli/kernel_runs.hpp"
#include "cli/messages.hpp"
#include "cli/progress_line.hpp"
#include "cli/running_kernel.hpp"
#include "cli/scenario_input.hpp"
#include "cli/twin_predictions.hpp"
#include "live/run/observe.hpp"
#include "live/sandbox/interrupt.hpp"
#include "live/sandbox/own_descriptors.hpp"
#include "model/scenario/twin.hpp"
#include "report/forms/escaping.hpp"
#include "report/validation_report.hpp"
#include "scenarios/collected/kernel_rules.hpp"

namespace netlimits::cli {
namespace {

live::UserProgramCommands user_programs(const ValidateArguments& arguments) {
  live::UserProgramCommands commands;
  for (const std::string& program : arguments.programs) {
    const std::size_t equals = program.find('=');
    commands[program.substr(0, equals)] = program.substr(equals + 1);
  }
  return commands;
}

// The error is what to print.
tl::expected<live::ProgramSurroundings, std::string> surroundings_of(const ValidateArguments& arguments) {
  live::ProgramSurroundings made{.writes = arguments.programs_write};
  for (const std::string& variable : arguments.environment) {
    const std::size_t equals = variable.find('=');
    const std::string name = variable.substr(0, equals);
    const char* const here = equals == std::string::npos ? std::getenv(name.c_str()) : nullptr;
    if (equals == std::string::npos && here == nullptr) {
      return tl::unexpected(
          fmt::format("netlimits validate: --env {0}: there is no variable {0} here; NAME=VALUE gives the programs one",
                      report::text_line(name)));
    }
    made.environment.emplace_back(name, here != nullptr ? here : variable.substr(equals + 1));
  }
  return made;
}

// A complaint about a program that would play nobody, or nothing.
std::string program_without_process(const ValidateArguments& arguments, const Scenario& asked) {
  for (const auto& [place, command] : user_programs(arguments)) {
    const std::size_t slash = place.find('/');
    const auto host = asked.hosts.find(place.substr(0, slash));
    const std::string name = place.substr(slash + 1);
    const auto plays = [&name](const Process& process) { return process.name == name; };
    if (host != asked.hosts.end() && std::any_of(host->second.processes.begin(), host->second.processes.end(), plays))
      continue;
    return report::text_line(
        fmt::format("netlimits validate: --program {}: no host of scenario {} has such a process", place, asked.name));
  }
  return {};
}

Twin of_the_size_asked(const Scenario& asked, const ValidateArguments& arguments) {
  if (arguments.full) return full_size(asked);
  MachineSize machine;
  machine.nofile_hard = live::hard_descriptor_limit();
  return arguments.scale ? scaled_down(asked, *arguments.scale) : twin_for(asked, machine);
}

// The scenario that is really run, on the model and on the kernel alike.
Twin twin_of(const Scenario& asked, const ValidateArguments& arguments, const RunningKernel& kernel) {
  Scenario for_this_kernel = asked;
  auto changes = scenarios::take_rules_of(*kernel.profile, kernel.release, for_this_kernel);
  Twin twin = of_the_size_asked(for_this_kernel, arguments);
  twin.changes.insert(twin.changes.begin(), std::make_move_iterator(changes.begin()),
                      std::make_move_iterator(changes.end()));
  return twin;
}

struct Asked {
  std::string file;
  Scenario scenario;
};

live::ObserveOptions observing(const ValidateArguments& arguments) {
  live::ObserveOptions options;
  options.user_programs = user_programs(arguments);
  options.surroundings = *surroundings_of(arguments);  // judged before anything began
  return options;
}

tl::expected<report::ValidationReport, std::string> finish(KernelRuns::Ended& ended, const Asked& asked,
                                                           const RunBounds& bounds) {
  const auto made = predictions_of(ended.twin, bounds, display_name(asked.file));
  if (!made) return tl::unexpected(made.error());
  return report::make_validation_report(
      asked.scenario, analysis::validate(ended.twin, made->predicted, std::move(ended.seen), made->others),
      display_name(asked.file));
}

// As many at a time as asked for; the reports are in the order of the files.
tl::expected<std::vector<report::ValidationReport>, std::string> validate_all(const std::vector<Asked>& asked,
                                                                              const ValidateArguments& arguments,
                                                                              const RunningKernel& kernel) {
  std::vector<report::ValidationReport> reports(asked.size());
  std::size_t next = 0;
  ProgressLine line;
  KernelRuns runs;
  runs.watch = [&](std::uint64_t number, const live::ObserveProgress& progress) {
    line.show(fmt::format("{} of {}, {}: {} s on the kernel, {} of {} connections begun", number + 1, asked.size(),
                          asked[number].scenario.name, progress.elapsed / std::chrono::seconds(1), progress.attempted,
                          progress.asked));
  };
  while (next < asked.size() || runs.under_way() > 0) {
    live::stop_if_interrupted();
    while (next < asked.size() && runs.under_way() < arguments.jobs) {
      runs.begin(next, twin_of(asked[next].scenario, arguments, kernel), observing(arguments));
      ++next;
    }
    KernelRuns::Ended ended = runs.wait();
    auto report = finish(ended, asked[ended.number], arguments.bounds);
    if (!report) return tl::unexpected(std::move(report.error()));
    reports[ended.number] = *std::move(report);
  }
  return reports;
}

ExitCode deliver(const std::vector<report::ValidationReport>& reports, const OutputArguments& output, ExitCode code) {
  const auto text_of = [&](const report::ValidationReport& report) {
    return report::validation_text(report, output.style());
  };
  const Forms forms{
      {Format::text, [&] { return one_after_another(reports, "\n", text_of); }},
      {Format::json, [&] { return one_after_another(reports, "", report::validation_json); }},
      {Format::junit, [&] { return report::validation_junit(reports); }},
      {Format::tap, [&] { return report::validation_tap(reports); }},
      {Format::github, [&] { return report::validation_github(reports); }},
      {Format::markdown, [&] { return report::validation_markdown(reports); }},
      {Format::html, [&] { return report::validation_html(reports); }},
  };
  return deliver(output, forms, code);
}

ExitCode code_of(const report::ValidationReport& report, bool require_kernel) {
  if (report.verdict == analysis::CheckVerdict::differs) return ExitCode::disagree;
  if (require_kernel && !report.found.not_asked.empty()) return ExitCode::no_kernel;
  return ExitCode::holds;
}

}  // namespace

ExitCode validate_command(const ValidateArguments& arguments) {
  const auto profiles = load_profiles(arguments.scenario.profile_directory);
  if (!profiles) {
    complain_of_lines(profiles.error());
    return ExitCode::bad_input;
  }
  if (const auto surroundings = surroundings_of(arguments); !surroundings) {
    complain_of_lines(surroundings.error());
    return ExitCode::bad_input;
  }
  const RunningKernel kernel = running_kernel(*profiles);
  ExitCode code = ExitCode::holds;
  std::vector<Asked> asked;
  for (const std::string& file : arguments.scenario.files) {
    auto scenario = load(arguments.scenario, file, *profiles);
    std::string wrong = scenario ? program_without_process(arguments, *scenario) : scenario.error();
    if (wrong.empty()) {
      wrong = refused_before_run(twin_of(*scenario, arguments, kernel).scenario, arguments.bounds, display_name(file))
                  .value_or("");
    }
    if (!wrong.empty()) {
      complain_of_lines(wrong);
      code = ExitCode::bad_input;
      continue;
    }
    asked.push_back({file, std::move(*scenario)});
  }
  if (code != ExitCode::holds) return code;
  complain("netlimits validate: " + kernel.text());
  live::remember_interrupts();
  const auto reports = validate_all(asked, arguments, kernel);
  if (!reports) {
    complain_of_lines(reports.error());
    return ExitCode::bad_input;
  }
  for (const report::ValidationReport& report : *reports) code = worse(code, code_of(report, arguments.require_kernel));
  return deliver(*reports, arguments.output, code);
}

}  // namespace netlimits::cli
