#include "cli/validate_command.hpp"

#include <fmt/format.h>

#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/validation.hpp"
#include "cli/files.hpp"
#include "cli/progress_line.hpp"
#include "cli/scenario_input.hpp"
#include "live/interrupt.hpp"
#include "live/observe.hpp"
#include "live/own_descriptors.hpp"
#include "live/terminal.hpp"
#include "model/twin.hpp"
#include "report/validation_report.hpp"
#include "sim/drawn_times.hpp"
#include "sim/replay.hpp"

namespace netlimits::cli {
namespace {

struct Arguments {
  ScenarioArguments scenario{};
  OutputArguments output{};
  bool require_kernel = false;
  bool full = false;
  std::optional<std::uint64_t> scale{};
  std::vector<std::string> programs{};  // "HOST/PROCESS=COMMAND"

  live::StandInCommands stand_ins() const {
    live::StandInCommands commands;
    for (const std::string& program : programs) {
      const std::size_t equals = program.find('=');
      commands[program.substr(0, equals)] = program.substr(equals + 1);
    }
    return commands;
  }
};

// The scenario that is really run, on the model and on the kernel alike.
Twin twin_of(const Scenario& asked, const Arguments& arguments) {
  if (arguments.full) return full_size(asked);
  MachineSize machine;
  machine.nofile_hard = live::hard_descriptor_limit();
  return arguments.scale ? scaled_down(asked, *arguments.scale) : twin_for(asked, machine);
}

report::ValidationReport validate_one(const Scenario& asked, const Arguments& arguments, const std::string& file) {
  const Twin twin = twin_of(asked, arguments);
  ProgressLine line;
  live::ObserveOptions options;
  options.drawn = sim::drawn_times(twin.scenario);
  options.stand_ins = arguments.stand_ins();
  options.progress = [&](const live::ObserveProgress& progress) {
    live::stop_if_interrupted();
    line.show(fmt::format("{}: {} s on the kernel, {} of {} connections begun", asked.name,
                          progress.elapsed / std::chrono::seconds(1), progress.attempted, progress.asked));
  };
  const analysis::ValidationEngines engines{
      .predict =
          [](const Scenario& scenario) {
            sim::ReplayOptions replaying;
            replaying.progress = [](const sim::Progress&) { live::stop_if_interrupted(); };
            return sim::replay(scenario, replaying);
          },
      .observe = [&](const Scenario& scenario) { return live::observe(scenario, options); }};
  return report::make_validation_report(asked, analysis::validate(twin, engines), file);
}

std::string written(const std::vector<report::ValidationReport>& reports, const OutputArguments& output) {
  if (output.format == "junit") return report::validation_junit(reports);
  if (output.format == "tap") return report::validation_tap(reports);
  if (output.format == "github") return report::validation_github(reports);
  if (output.format == "markdown") return report::validation_markdown(reports);
  if (output.format == "html") return report::validation_html(reports);
  const report::TextStyle style{.colour = output.file.empty() && live::wants_colour(live::Stream::output)};
  std::string text;
  for (const report::ValidationReport& report : reports) {
    if (output.format == "json") {
      text += report::validation_json(report);
    } else {
      if (!text.empty()) text += "\n";
      text += report::validation_text(report, style);
    }
  }
  return text;
}

ExitCode code_of(const report::ValidationReport& report, bool require_kernel) {
  if (report.verdict == analysis::CheckVerdict::differs) return ExitCode::disagree;
  if (require_kernel && !report.found.not_asked.empty()) return ExitCode::no_kernel;
  return ExitCode::holds;
}

ExitCode validate(const Arguments& arguments) {
  const auto profiles = load_profiles(arguments.scenario.profile_directory);
  if (!profiles) {
    std::cerr << profiles.error() << "\n";
    return ExitCode::bad_input;
  }
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
  live::remember_interrupts();
  std::vector<report::ValidationReport> reports;
  for (const auto& [file, scenario] : scenarios) {
    reports.push_back(validate_one(scenario, arguments, display_name(file)));
    live::stop_if_interrupted();
    code = worse(code, code_of(reports.back(), arguments.require_kernel));
  }
  const auto done = write_output(arguments.output.file, written(reports, arguments.output));
  if (done) return code;
  std::cerr << "netlimits: " << done.error() << "\n";
  return worse(code, ExitCode::bad_input);
}

}  // namespace

void add_validate_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command =
      app.add_subcommand("validate",
                         "Run scenarios with real sockets on this machine's kernel: predicted, observed, verdict\n\n"
                         "Example: netlimits validate scenarios/outbound-exhaustion-small.json");
  auto arguments = std::make_shared<Arguments>();
  add_scenario_arguments(*command, arguments->scenario, true);
  add_output_arguments(*command, arguments->output, {"text", "json", "junit", "tap", "github", "markdown", "html"});
  auto* full = command->add_flag("--full", arguments->full, "At the scenario's own size and pace, whatever it takes");
  command
      ->add_option("--scale", arguments->scale, "Divide everything counted by this; by default as much as needed here")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000}))
      ->excludes(full);
  command
      ->add_option(
          "--program", arguments->programs,
          "Let a program of yours play a process: HOST/PROCESS=COMMAND, for sh, in the foreground. It gets the "
          "process's network and descriptor limit")
      ->type_name("HOST/PROCESS=COMMAND")
      ->expected(1)
      ->take_all()
      ->check([](const std::string& text) {
        const std::size_t equals = text.find('=');
        const std::size_t slash = text.find('/');
        return equals != std::string::npos && slash < equals ? std::string()
                                                             : "expected HOST/PROCESS=COMMAND, found \"" + text + "\"";
      });
  command->add_flag("--require-kernel", arguments->require_kernel, "Exit 4 when the kernel could not be asked");
  command->callback([arguments, &exit_code] { exit_code = worse(exit_code, validate(*arguments)); });
}

}  // namespace netlimits::cli
