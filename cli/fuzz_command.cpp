#include "cli/fuzz_command.hpp"

#include <fmt/format.h>

#include <chrono>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "analysis/script_comparison.hpp"
#include "cli/files.hpp"
#include "cli/progress_line.hpp"
#include "cli/scenario_input.hpp"
#include "live/interrupt.hpp"
#include "live/script_on_kernel.hpp"
#include "report/fuzz_report.hpp"
#include "report/script_file.hpp"
#include "sim/script_fuzzer.hpp"
#include "sim/script_on_model.hpp"

namespace netlimits::cli {
namespace {

struct Arguments {
  std::uint64_t seed = 1;
  std::uint64_t first_case = 0;
  std::uint64_t cases = 1000;
  std::optional<double> minutes{};
  std::string save_directory{};
  bool several_users = false;
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

ExitCode fuzz(const Arguments& arguments) {
  live::remember_interrupts();
  auto kernel = live::KernelScriptRunner::start();
  if (!kernel) {
    std::cerr << "netlimits: the kernel cannot be asked: " << kernel.error().why << "\n";
    return arguments.require_kernel ? ExitCode::no_kernel : ExitCode::holds;
  }
  const sim::ModelScriptRunner model;
  const sim::FuzzEngines engines{
      .kernel = [&](const Script& script) { return kernel->run(script, false); },
      .model = [&](const Script& script, const ScriptRun& seen,
                   std::shared_ptr<GroupDraws> draws) { return model.run(script, &seen, false, std::move(draws)); },
      .difference = analysis::first_difference};
  ProgressLine line;
  const auto start = std::chrono::steady_clock::now();
  sim::FuzzOptions options;
  options.seed = arguments.seed;
  options.first_case = arguments.first_case;
  options.cases = arguments.cases;
  options.generator.several_users = arguments.several_users;
  options.stop = [&] {
    live::stop_if_interrupted();
    return arguments.minutes &&
           std::chrono::steady_clock::now() - start > std::chrono::duration<double, std::ratio<60>>(*arguments.minutes);
  };
  options.progress = [&](std::uint64_t cases, std::uint64_t calls) {
    line.show(fmt::format("{} of {} cases, {} calls", cases, arguments.cases, calls));
  };
  const FuzzResult result = sim::fuzz(options, engines);
  live::stop_if_interrupted();
  ExitCode code = result.disagreements.empty() ? ExitCode::holds : ExitCode::disagree;
  if (!arguments.save_directory.empty()) save(result, arguments.save_directory, code);
  const auto done = write_output(
      arguments.output.file, arguments.output.format == "json" ? report::fuzz_json(result) : report::fuzz_text(result));
  if (done) return code;
  std::cerr << "netlimits: " << done.error() << "\n";
  return worse(code, ExitCode::bad_input);
}

}  // namespace

void add_fuzz_command(CLI::App& app, ExitCode& exit_code) {
  CLI::App* command = app.add_subcommand(
      "fuzz",
      "Random socket scripts on the model and on this machine's kernel; a disagreement is shrunk and printed\n\n"
      "Example: netlimits fuzz --seed 1 --cases 3000");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("--seed", arguments->seed, "Seed of all cases")->capture_default_str();
  command->add_option("--cases", arguments->cases, "How many cases")->capture_default_str();
  command->add_option("--first-case", arguments->first_case, "Number of the first case: repeats one by its number");
  command->add_option("--minutes", arguments->minutes, "Stop after this time");
  command->add_option("--save", arguments->save_directory, "Write each disagreement as a script into this directory")
      ->type_name("DIR");
  command->add_flag("--several-users", arguments->several_users, "Also processes of another user (needs root)");
  command->add_flag("--require-kernel", arguments->require_kernel, "Exit 4 when the kernel could not be asked");
  add_output_arguments(*command, arguments->output, {"text", "json"});
  command->callback([arguments, &exit_code] { exit_code = worse(exit_code, fuzz(*arguments)); });
}

}  // namespace netlimits::cli
