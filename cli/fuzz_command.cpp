#include "cli/fuzz_command.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "analysis/script_comparison.hpp"
#include "cli/files.hpp"
#include "cli/progress_line.hpp"
#include "cli/scenario_input.hpp"
#include "live/interrupt.hpp"
#include "live/script_on_kernel.hpp"
#include "report/fault_hunt_report.hpp"
#include "report/fuzz_report.hpp"
#include "report/script_file.hpp"
#include "sim/every_sequence.hpp"
#include "sim/fault_hunt.hpp"
#include "sim/planted_faults.hpp"
#include "sim/script_fuzzer.hpp"
#include "sim/script_on_model.hpp"

namespace netlimits::cli {
namespace {

constexpr std::size_t usual_length = 4;
constexpr std::size_t most_jobs = 8;

struct Arguments {
  std::uint64_t seed = 1;
  std::uint64_t first_case = 0;
  std::optional<std::uint64_t> cases{};
  std::optional<double> minutes{};
  std::string save_directory{};
  bool several_users = false;
  bool planted_faults = false;
  bool every = false;
  std::size_t length = usual_length;
  std::size_t jobs = 2;
  bool require_kernel = false;
  OutputArguments output{};
};

void save(const FuzzResult& result, const std::string& directory, ExitCode& code) {
  for (const Disagreement& found : result.disagreements) {
    const std::string name = fmt::format("{}/fuzz-{}-{}.json", directory, result.seed, found.number);
    const auto done = write_output(name, report::script_file("found", "a disagreement, shrunk", {&found.script, 1}));
    if (done) continue;
    std::cerr << "netlimits: " << done.error() << "\n";
    code = worse(code, ExitCode::bad_input);
  }
}

constexpr std::uint64_t usual_cases = 1000;
constexpr std::uint64_t most_cases_for_a_fault = 20'000;

// True when the user's time is up. Ends the program on an interrupt.
std::function<bool()> stop_after(const std::optional<double>& minutes) {
  const auto start = std::chrono::steady_clock::now();
  return [start, minutes] {
    live::stop_if_interrupted();
    return minutes &&
           std::chrono::steady_clock::now() - start > std::chrono::duration<double, std::ratio<60>>(*minutes);
  };
}

ExitCode written(const Arguments& arguments, const std::string& text, ExitCode code) {
  const auto done = write_output(arguments.output.file, text);
  if (done) return code;
  std::cerr << "netlimits: " << done.error() << "\n";
  return worse(code, ExitCode::bad_input);
}

ExitCode draw_scripts(const Arguments& arguments, live::KernelScriptRunner& kernel) {
  const sim::ModelScriptRunner model;
  const sim::FuzzEngines engines{
      .kernel = [&](const Script& script) { return kernel.run(script, false); },
      .model = [&](const Script& script, const ScriptRun& seen,
                   std::shared_ptr<GroupDraws> draws) { return model.run(script, &seen, false, std::move(draws)); },
      .difference = analysis::first_difference};
  ProgressLine line;
  sim::FuzzOptions options;
  options.seed = arguments.seed;
  options.first_case = arguments.first_case;
  options.cases = arguments.cases.value_or(usual_cases);
  options.generator.several_users = arguments.several_users;
  options.stop = stop_after(arguments.minutes);
  options.progress = [&](std::uint64_t cases, std::uint64_t calls) {
    line.show(fmt::format("{} of {} cases, {} calls", cases, options.cases, calls));
  };
  const FuzzResult result = sim::fuzz(options, engines);
  live::stop_if_interrupted();
  const bool agree = result.disagreements.empty() && result.never_taken.empty();
  ExitCode code = agree ? ExitCode::holds : ExitCode::disagree;
  if (!arguments.save_directory.empty()) save(result, arguments.save_directory, code);
  return written(arguments, arguments.output.format == "json" ? report::fuzz_json(result) : report::fuzz_text(result),
                 code);
}

ExitCode try_every_sequence(const Arguments& arguments, std::vector<live::KernelScriptRunner>& kernels) {
  const sim::ModelScriptRunner model;
  std::vector<sim::FuzzEngines> engines;
  for (live::KernelScriptRunner& kernel : kernels) {
    engines.push_back({.kernel = [&](const Script& script) { return kernel.run_at_once(script); },
                       // Every choice of a port is certain there: the model does not follow the kernel's.
                       .model =
                           [&](const Script& script, const ScriptRun&, std::shared_ptr<GroupDraws> draws) {
                             return model.run(script, nullptr, false, std::move(draws));
                           },
                       .difference = analysis::first_difference});
  }
  ProgressLine line;
  const auto start = std::chrono::steady_clock::now();
  sim::SequenceOptions options;
  options.length = arguments.length;
  options.stop = stop_after(arguments.minutes);
  options.progress = [&](std::uint64_t sequences, std::uint64_t calls) {
    line.show(fmt::format("{} sequences, {} calls", sequences, calls));
  };
  const SequenceResult result = sim::every_sequence(options, engines);
  live::stop_if_interrupted();
  ExitCode code = result.found.disagreements.empty() ? ExitCode::holds : ExitCode::disagree;
  if (!arguments.save_directory.empty()) save(result.found, arguments.save_directory, code);
  const auto took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start);
  return written(
      arguments,
      arguments.output.format == "json" ? report::sequence_json(result, took) : report::sequence_text(result, took),
      code);
}

ExitCode hunt_faults(const Arguments& arguments, live::KernelScriptRunner& kernel) {
  ProgressLine line;
  sim::FaultHuntOptions options;
  options.seed = arguments.seed;
  options.cases = arguments.cases.value_or(most_cases_for_a_fault);
  options.several_users = kernel.several_users();
  options.generator.several_users = options.several_users;
  options.shrink = true;
  options.stop = stop_after(arguments.minutes);
  options.progress = [&](std::uint64_t cases, std::size_t left) {
    line.show(fmt::format("{} cases, {} faults at large", cases, left));
  };
  const FaultHuntResult result = sim::hunt_faults(
      options, sim::planted_faults(), [&](const Script& script) { return kernel.run(script, false); },
      analysis::first_difference);
  live::stop_if_interrupted();
  const ExitCode code = report::all_noticed(result) ? ExitCode::holds : ExitCode::does_not_hold;
  const std::string& format = arguments.output.format;
  if (format == "json") return written(arguments, report::fault_hunt_json(result), code);
  if (format == "markdown") return written(arguments, report::fault_hunt_markdown(result), code);
  return written(arguments, report::fault_hunt_text(result), code);
}

ExitCode fuzz(const Arguments& arguments) {
  if (arguments.output.format == "markdown" && !arguments.planted_faults) {
    std::cerr << "netlimits: --format markdown is for --planted-faults; here text or json\n";
    return ExitCode::bad_input;
  }
  if (!arguments.save_directory.empty()) {
    std::error_code trouble;
    std::filesystem::create_directories(arguments.save_directory, trouble);
    if (trouble) {
      std::cerr << "netlimits: " << arguments.save_directory << ": " << trouble.message() << "\n";
      return ExitCode::bad_input;
    }
  }
  live::remember_interrupts();
  std::vector<live::KernelScriptRunner> kernels;  // all of them before the first thread
  while (kernels.size() < (arguments.every ? arguments.jobs : 1)) {
    auto kernel = live::KernelScriptRunner::start();
    if (!kernel) {
      std::cerr << "netlimits: the kernel cannot be asked: " << kernel.error().why << "\n";
      return arguments.require_kernel ? ExitCode::no_kernel : ExitCode::holds;
    }
    kernels.push_back(std::move(*kernel));
  }
  if (arguments.every) return try_every_sequence(arguments, kernels);
  return arguments.planted_faults ? hunt_faults(arguments, kernels.front()) : draw_scripts(arguments, kernels.front());
}

}  // namespace

void add_fuzz_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "fuzz",
      "Random socket scripts on the model and on this machine's kernel; a disagreement is shrunk and printed\n\n"
      "Example: netlimits fuzz --seed 1 --cases 3000");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("--seed", arguments->seed, "Seed of all cases")->capture_default_str();
  command->add_option(
      "--cases", arguments->cases,
      fmt::format("How many cases: {}, with --planted-faults at most {}", usual_cases, most_cases_for_a_fault));
  command->add_option("--first-case", arguments->first_case, "Number of the first case: repeats one by its number");
  command->add_option("--minutes", arguments->minutes, "Stop after this time");
  command->add_option("--save", arguments->save_directory, "Write each disagreement as a script into this directory")
      ->type_name("DIR");
  command->add_flag("--several-users", arguments->several_users, "Also processes of another user (needs root)");
  CLI::Option* every = command->add_flag("--every", arguments->every,
                                         "Not random ones: all sequences of up to --length calls on two sockets, two "
                                         "ports and two addresses, in four small worlds");
  command->add_option("--length", arguments->length, "Calls of the longest sequences of --every")
      ->check(CLI::Range(std::size_t{1}, std::size_t{9}))
      ->needs(every)
      ->capture_default_str();
  command->add_option("--jobs", arguments->jobs, "Sandboxes at work at the same time, with --every")
      ->check(CLI::Range(std::size_t{1}, most_jobs))
      ->needs(every)
      ->capture_default_str();
  command->add_flag(
      "--planted-faults", arguments->planted_faults,
      "Measure the fuzzer: leave rules of the model out, one at a time, and say after how many cases each "
      "is missed; exit 1 when one is not");
  every->excludes("--planted-faults");
  command->add_flag("--require-kernel", arguments->require_kernel, "Exit 4 when the kernel could not be asked");
  add_output_arguments(*command, arguments->output, {"text", "json", "markdown"});
  command->callback([arguments, &exit_code] { exit_code = worse(exit_code, fuzz(*arguments)); });
}

}  // namespace netlimits::cli
