// The three things that `fuzz` does, a function each: random scripts, every sequence, the hunt for planted faults. The
// executors that they need are made here.
#include "cli/fuzz/fuzz_command.hpp"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <vector>

#include "analysis/comparison/script_comparison.hpp"
#include "cli/fuzz/fuzz_on_kernel_command.hpp"
#include "cli/fuzz/fuzz_scenarios_command.hpp"
#include "cli/fuzz/fuzz_session.hpp"
#include "cli/messages.hpp"
#include "cli/progress_line.hpp"
#include "cli/running_kernel.hpp"
#include "fuzz/every_sequence.hpp"
#include "fuzz/fault_hunt.hpp"
#include "fuzz/planted_faults.hpp"
#include "fuzz/random_fuzz.hpp"
#include "fuzz/script_fuzzer.hpp"
#include "live/calls/script_on_kernel.hpp"
#include "live/sandbox/interrupt.hpp"
#include "report/fuzz/fault_hunt_report.hpp"
#include "report/fuzz/fuzz_report.hpp"
#include "scenarios/script_writer.hpp"
#include "sim/script_on_model.hpp"

namespace netlimits::cli {
namespace {

void save(const fuzz::FuzzResult& result, const std::string& directory, ExitCode& code) {
  for (const fuzz::Disagreement& found : result.disagreements) {
    save_found(fmt::format("{}/fuzz-{}-{}.json", directory, result.seed, found.number),
               scenarios::script_file("found", "a disagreement, shrunk", {&found.script, 1}), code);
  }
}

ExitCode draw_scripts(const FuzzArguments& arguments, const RunningKernel& running,
                      std::vector<live::KernelScriptRunner>& kernels) {
  const sim::ModelScriptRunner model(running.profile->rules);
  std::vector<fuzz::FuzzEngines> engines;
  for (live::KernelScriptRunner& kernel : kernels) {
    engines.push_back(
        {.kernel = [&](const Script& script) { return kernel.run(script, false); },
         .model = [&](const Script& script, const ScriptRun& seen,
                      const std::shared_ptr<GroupDraws>& draws) { return model.run(script, &seen, false, draws); },
         .difference = analysis::first_difference});
  }
  ProgressLine line;
  fuzz::FuzzOptions options;
  options.seed = arguments.seed;
  options.first_case = arguments.first_case;
  options.cases = arguments.cases.value_or(usual_fuzz_cases);
  options.generator.several_users = arguments.several_users;
  options.generator.settings_absent = running.profile->settings_absent;
  options.stop = stop_after(arguments.minutes);
  options.progress = [&](std::uint64_t cases, std::uint64_t calls) {
    line.show(fmt::format("{} of {} cases, {} calls", cases, options.cases, calls));
  };
  const fuzz::FuzzResult result = fuzz::fuzz_scripts(options, engines);
  live::stop_if_interrupted();
  const bool agree = result.disagreements.empty() && result.never_taken.empty();
  ExitCode code = agree ? ExitCode::holds : ExitCode::disagree;
  if (!arguments.save_directory.empty()) save(result, arguments.save_directory, code);
  const Forms forms{{Format::text, [&] { return report::fuzz_text(result); }},
                    {Format::json, [&] { return report::fuzz_json(result, running.basis()); }}};
  return deliver(arguments.output, forms, code);
}

ExitCode try_every_sequence(const FuzzArguments& arguments, const RunningKernel& running,
                            std::vector<live::KernelScriptRunner>& kernels) {
  const sim::ModelScriptRunner model(running.profile->rules);
  std::vector<fuzz::FuzzEngines> engines;
  for (live::KernelScriptRunner& kernel : kernels) {
    engines.push_back(
        {.kernel = [&](const Script& script) { return kernel.run_at_once(script); },
         // Every choice of a port is certain there: the model does not follow the kernel's.
         .model = [&](const Script& script, const ScriptRun&,
                      const std::shared_ptr<GroupDraws>& draws) { return model.run(script, nullptr, false, draws); },
         .difference = analysis::first_difference});
  }
  ProgressLine line;
  const auto start = std::chrono::steady_clock::now();
  fuzz::SequenceOptions options;
  options.length = arguments.length;
  options.stop = stop_after(arguments.minutes);
  options.progress = [&](std::uint64_t sequences, std::uint64_t calls) {
    line.show(fmt::format("{} sequences, {} calls", sequences, calls));
  };
  const fuzz::SequenceResult result = fuzz::every_sequence(options, engines);
  live::stop_if_interrupted();
  ExitCode code = result.found.disagreements.empty() ? ExitCode::holds : ExitCode::disagree;
  if (!arguments.save_directory.empty()) save(result.found, arguments.save_directory, code);
  const auto took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - start);
  const Forms forms{{Format::text, [&] { return report::sequence_text(result, took); }},
                    {Format::json, [&] { return report::sequence_json(result, took, running.basis()); }}};
  return deliver(arguments.output, forms, code);
}

ExitCode hunt_faults(const FuzzArguments& arguments, const RunningKernel& running, live::KernelScriptRunner& kernel) {
  ProgressLine line;
  fuzz::FaultHuntOptions options;
  options.seed = arguments.seed;
  options.cases = arguments.cases.value_or(most_cases_for_a_fault);
  options.several_users = kernel.several_users();
  options.generator.several_users = options.several_users;
  options.generator.settings_absent = running.profile->settings_absent;
  options.shrink = true;
  options.right = running.profile->rules;
  options.stop = stop_after(arguments.minutes);
  options.progress = [&](std::uint64_t cases, std::size_t left) {
    line.show(fmt::format("{} cases, {} faults at large", cases, left));
  };
  const fuzz::FaultHuntResult result = fuzz::hunt_faults(
      options, fuzz::planted_faults(running.profile->rules),
      [&](const Script& script) { return kernel.run(script, false); }, analysis::first_difference);
  live::stop_if_interrupted();
  const ExitCode code = report::all_noticed(result) ? ExitCode::holds : ExitCode::does_not_hold;
  const Forms forms{{Format::text, [&] { return report::fault_hunt_text(result); }},
                    {Format::json, [&] { return report::fault_hunt_json(result, running.basis()); }},
                    {Format::markdown, [&] { return report::fault_hunt_markdown(result); }}};
  return deliver(arguments.output, forms, code);
}

}  // namespace

ExitCode fuzz_command(const FuzzArguments& arguments) {
  if (arguments.output.format == Format::markdown && !arguments.planted_faults) {
    complain("netlimits: --format markdown is for --planted-faults; here text or json");
    return ExitCode::bad_input;
  }
  if (!arguments.save_directory.empty()) {
    std::error_code trouble;
    std::filesystem::create_directories(arguments.save_directory, trouble);
    if (trouble) {
      complain("netlimits: " + arguments.save_directory + ": " + trouble.message());
      return ExitCode::bad_input;
    }
  }
  if (arguments.kernel) return fuzz_on_kernel_command(arguments);
  if (arguments.scenarios)
    return arguments.planted_faults ? hunt_scenario_faults_command(arguments) : fuzz_scenarios_command(arguments);
  live::remember_interrupts();
  std::vector<live::KernelScriptRunner> kernels;  // all of them before the first thread
  while (kernels.size() < (arguments.planted_faults ? 1 : arguments.jobs)) {
    auto kernel = live::KernelScriptRunner::start();
    if (!kernel) {
      live::stop_if_interrupted();  // then that is the reason
      complain("netlimits: the kernel cannot be asked: " + kernel.error().why);
      return arguments.require_kernel ? ExitCode::no_kernel : ExitCode::holds;
    }
    kernels.push_back(std::move(*kernel));
  }
  const RunningKernel running = running_kernel(scenarios::ProfileSet::built_in());
  complain("netlimits fuzz: " + running.text());
  if (arguments.every) return try_every_sequence(arguments, running, kernels);
  return arguments.planted_faults ? hunt_faults(arguments, running, kernels.front())
                                  : draw_scripts(arguments, running, kernels);
}

}  // namespace netlimits::cli
