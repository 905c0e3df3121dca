// Finds and loads script files, runs them on the executors asked for, several at a time, and prints what came of them.
#include "cli/script_command.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "analysis/comparison/script_comparison.hpp"
#include "cli/files.hpp"
#include "cli/messages.hpp"
#include "cli/progress_line.hpp"
#include "cli/running_kernel.hpp"
#include "cli/scenario_input.hpp"
#include "live/calls/script_on_kernel.hpp"
#include "live/sandbox/interrupt.hpp"
#include "model/script/script_expectation.hpp"
#include "report/forms/escaping.hpp"
#include "report/script_report.hpp"
#include "scenarios/script_loader.hpp"
#include "sim/script_on_model.hpp"

namespace netlimits::cli {
namespace {

report::ScriptEngines engines_of(const ScriptArguments& arguments) {
  if (arguments.ask_model() && arguments.ask_kernel()) return report::ScriptEngines::both;
  return arguments.ask_kernel() ? report::ScriptEngines::kernel : report::ScriptEngines::model;
}

struct NamedScript {
  std::string file;
  std::string name;
  Script script;
  std::string refused{};  // what is wrong with it
};

// A directory stands for its *.json files in the order of their names. The error is what to print.
tl::expected<std::vector<std::string>, std::string> files_of(const std::vector<std::string>& names) {
  std::vector<std::string> files;
  for (const std::string& name : names) {
    std::error_code trouble;
    if (!std::filesystem::is_directory(name, trouble)) {
      files.push_back(name);
      continue;
    }
    std::vector<std::string> inside;
    for (const auto& entry : std::filesystem::directory_iterator(name, trouble))
      // What is no file is passed over: to open a FIFO would wait for a writer, maybe for ever.
      if (std::error_code gone; entry.path().extension() == ".json" && !entry.is_other(gone))
        inside.push_back(entry.path().string());
    if (trouble) return tl::unexpected(fmt::format("netlimits: {}: {}", report::text_line(name), trouble.message()));
    if (inside.empty())
      return tl::unexpected(fmt::format("netlimits: {}: no *.json file in this directory", report::text_line(name)));
    std::sort(inside.begin(), inside.end());
    files.insert(files.end(), inside.begin(), inside.end());
  }
  return files;
}

tl::expected<std::vector<NamedScript>, std::string> load_all(const ScriptArguments& arguments) {
  const auto files = files_of(arguments.files);
  if (!files) return tl::unexpected(files.error());
  std::string errors;
  std::vector<NamedScript> scripts;
  std::map<std::string, std::string> seen;  // a script's name, the file that has it
  for (const std::string& file : *files) {
    const auto text = read_input(file);
    auto loaded =
        text ? scenarios::load_each_script(*text, display_name(file)) : tl::unexpected(scenarios::InputErrors{});
    if (!loaded) {
      errors += (text ? scenarios::text_of(loaded.error()) : text.error()) + "\n";
      continue;
    }
    for (scenarios::ReadScript& read : *loaded) {
      const bool good = read.errors.empty();
      const auto [first, is_new] = good ? seen.emplace(read.name, display_name(file)) : std::pair(seen.end(), true);
      if (!is_new) {
        errors += report::text_line(fmt::format("{}: the script {} is in {} as well: a name belongs to one script",
                                                display_name(file), scenarios::in_quotes(read.name), first->second)) +
                  "\n";
      }
      scripts.push_back({display_name(file), std::move(read.name), std::move(read.script),
                         good ? std::string{} : scenarios::text_of(read.errors)});
    }
  }
  if (!errors.empty()) {
    errors.pop_back();
    return tl::unexpected(errors);
  }
  if (arguments.only.empty()) return scripts;
  std::erase_if(scripts, [&](const NamedScript& one) { return !name_fits(arguments.only, one.name); });
  if (scripts.empty())
    return tl::unexpected(fmt::format("netlimits: no script is called {} (* and ? may stand for any text)",
                                      scenarios::in_quotes(arguments.only)));
  return scripts;
}

// A script of another version of Linux is one of this kernel's when it is asked, and that is said.
void ask_of_this_kernel(std::vector<NamedScript>& scripts, const RunningKernel& kernel,
                        const scenarios::ProfileSet& profiles) {
  for (NamedScript& named : scripts) {
    for (auto& [name, host] : named.script.hosts) {
      if (host.os == "linux" || kernel.in_place_of(host.os, profiles) != kernel.profile) continue;
      complain(fmt::format("netlimits script: {}: host {} is {}; here it is this kernel, predicted with {}",
                           named.script.name, name, host.os, kernel.profile->name));
      host.os = "linux";
    }
  }
}

// A system that no profile has is the script's own mistake, unlike a call that the model does not know.
void refuse_unknown_systems(std::vector<NamedScript>& scripts, const scenarios::ProfileSet& profiles) {
  for (NamedScript& named : scripts) {
    if (!named.refused.empty()) continue;
    for (const auto& [name, host] : named.script.hosts) {
      if (profiles.find(host.os)) continue;
      named.refused = report::text_line(fmt::format(
          "{}: script {}: host {}: \"os\": expected the name of a profile, found {}; {}", named.file,
          scenarios::in_quotes(named.name), name, scenarios::in_quotes(host.os), profiles.suggestion(host.os)));
      break;
    }
  }
}

// The executors of one worker thread.
struct Engines {
  const sim::ModelScriptRunner* model = nullptr;
  std::optional<live::KernelScriptRunner> kernel{};
  std::string no_kernel{};  // why there is none
};

// On the kernel a delayed acknowledgement may come between two calls where another thread has the processor: what
// differs by a rule differs each time.
constexpr unsigned most_repeats = 2;

// Once on each executor that is asked.
analysis::ScriptFinding find_once(const Script& script, const ScriptArguments& arguments, Engines& engines,
                                  std::optional<ScriptRun> kernel) {
  if (kernel && kernel->not_run.empty()) kernel = engines.kernel->run(script);
  std::optional<ScriptRun> model;
  if (arguments.ask_model()) {
    const bool follow = kernel && kernel->not_run.empty();
    model = engines.model->run(script, follow ? &*kernel : nullptr);
  }
  return analysis::find(script, model ? &*model : nullptr, kernel ? &*kernel : nullptr);
}

// Is it the kernel alone that says otherwise?
bool kernel_differs(const analysis::ScriptFinding& finding, const ScriptArguments& arguments) {
  if (finding.verdict == analysis::ScriptVerdict::disagree) return true;
  return finding.verdict == analysis::ScriptVerdict::fails && !arguments.ask_model();
}

report::ScriptReport run_one(const NamedScript& named, const ScriptArguments& arguments, Engines& engines) {
  const Script& script = named.script;
  report::ScriptReport report;
  report.file = named.file;
  report.name = named.name;
  report.refused = named.refused;
  if (!report.refused.empty()) return report;
  const bool slow = arguments.skip_slow && script.slow_seconds > 0;
  std::optional<ScriptRun> kernel;
  if (arguments.ask_kernel()) {
    kernel.emplace();
    if (!engines.kernel) kernel->not_run = engines.no_kernel;
    if (!script.live_skip.empty()) kernel->not_run = script.live_skip;
    if (slow) kernel->not_run = fmt::format("slow, about {} s", script.slow_seconds);
    report.left_out = slow;
  }
  report.finding = find_once(script, arguments, engines, kernel);
  for (unsigned before = 1; before <= most_repeats && kernel_differs(report.finding, arguments); ++before) {
    analysis::ScriptFinding again = find_once(script, arguments, engines, kernel);
    if (kernel_differs(again, arguments)) continue;
    again.differed_before = before;
    report.finding = std::move(again);
  }
  return report;
}

std::vector<report::ScriptReport> run_all(const std::vector<NamedScript>& scripts, const ScriptArguments& arguments,
                                          std::vector<Engines>& engines) {
  std::vector<report::ScriptReport> reports(scripts.size());
  std::atomic<std::size_t> next = 0;
  std::atomic<std::size_t> done = 0;
  const auto work = [&](Engines& own, ProgressLine* line) {
    for (std::size_t index = next++; index < scripts.size() && !live::interrupted(); index = next++) {
      if (line != nullptr) line->show(fmt::format("{} of {}: {}", done.load(), scripts.size(), scripts[index].name));
      reports[index] = run_one(scripts[index], arguments, own);
      ++done;
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t index = 1; index < engines.size(); ++index)
    threads.emplace_back([&, index] { work(engines[index], nullptr); });
  ProgressLine line;
  work(engines.front(), &line);
  for (std::thread& thread : threads) thread.join();
  live::stop_if_interrupted();
  return reports;
}

ExitCode code_of(const report::ScriptReport& report, const ScriptArguments& arguments) {
  if (!report.refused.empty()) return ExitCode::bad_input;
  ExitCode code = ExitCode::holds;
  if (report.finding.verdict == analysis::ScriptVerdict::fails) code = ExitCode::does_not_hold;
  if (report.finding.verdict == analysis::ScriptVerdict::disagree) code = ExitCode::disagree;
  if (arguments.require_kernel && !report.left_out && !report.finding.kernel_not_run.empty())
    code = worse(code, ExitCode::no_kernel);
  return code;
}

// What --require-kernel asks for and did not get.
void complain_of_missing(const std::vector<report::ScriptReport>& reports) {
  for (const report::ScriptReport& report : reports)
    if (!report.left_out && !report.finding.kernel_not_run.empty())
      complain(fmt::format("netlimits script: {}: not on the kernel: {}", report.name, report.finding.kernel_not_run));
}

ExitCode deliver(const std::vector<report::ScriptReport>& reports, const ScriptArguments& arguments,
                 const report::KernelBasis& basis, ExitCode code) {
  const OutputArguments& output = arguments.output;
  const Forms forms{
      {Format::text, [&] { return report::script_text(reports, engines_of(arguments), output.style()); }},
      {Format::json, [&] { return report::script_json(reports, engines_of(arguments), basis); }},
      {Format::junit, [&] { return report::script_junit(reports); }},
      {Format::tap, [&] { return report::script_tap(reports); }},
      {Format::github, [&] { return report::script_github(reports); }},
      {Format::markdown, [&] { return report::script_markdown(reports); }},
      {Format::html, [&] { return report::script_html(reports); }},
  };
  return deliver(output, forms, code);
}

}  // namespace

ExitCode script_command(const ScriptArguments& arguments) {
  if (!arguments.ask_model() && !arguments.ask_kernel()) {
    complain("netlimits script: say who shall run the scripts: --model, --kernel or --both");
    return ExitCode::bad_input;
  }
  const auto profiles = load_profiles(arguments.profile_directory);
  if (!profiles) {
    complain_of_lines(profiles.error());
    return ExitCode::bad_input;
  }
  auto scripts = load_all(arguments);
  if (!scripts) {
    complain_of_lines(scripts.error());
    return ExitCode::bad_input;
  }

  if (arguments.ask_model()) refuse_unknown_systems(*scripts, *profiles);
  std::size_t good = 0;
  for (const NamedScript& named : *scripts) {
    if (named.refused.empty()) ++good;
    if (!named.refused.empty()) complain_of_lines(named.refused);
  }
  if (good == 0 && !scripts->empty()) return ExitCode::bad_input;

  const RunningKernel running = running_kernel(*profiles);
  if (arguments.ask_kernel()) ask_of_this_kernel(*scripts, running, *profiles);
  const sim::ModelScriptRunner model([&](std::string_view os) {
    return arguments.ask_kernel() ? running.in_place_of(os, *profiles) : profiles->find(os);
  });
  const std::size_t jobs = std::clamp<std::size_t>(arguments.jobs, 1, std::max<std::size_t>(scripts->size(), 1));
  std::vector<Engines> engines(jobs);
  live::remember_interrupts();
  // Sandboxes are forks of this process: all of them before the first thread.
  for (Engines& one : engines) {
    one.model = &model;
    if (!arguments.ask_kernel()) continue;
    auto kernel = live::KernelScriptRunner::start();
    if (kernel)
      one.kernel = std::move(*kernel);
    else
      one.no_kernel = kernel.error().why;
  }
  live::stop_if_interrupted();  // which is no reason why the kernel cannot be asked
  if (arguments.ask_kernel() && engines.front().kernel) complain("netlimits script: " + running.text());
  if (arguments.ask_kernel() && !engines.front().kernel)
    complain("netlimits script: the kernel cannot be asked: " + engines.front().no_kernel);

  const auto reports = run_all(*scripts, arguments, engines);
  ExitCode code = ExitCode::holds;
  for (const report::ScriptReport& report : reports) code = worse(code, code_of(report, arguments));
  if (arguments.require_kernel && engines.front().kernel) complain_of_missing(reports);
  report::KernelBasis basis = running.basis();
  if (!arguments.ask_kernel()) {
    const auto reference = profiles->find("linux");
    basis = {reference ? reference->name : std::string{}, reference ? reference->title : std::string{}, {}};
  } else if (!engines.front().kernel) {
    basis.kernel.clear();
  }
  return deliver(reports, arguments, basis, code);
}

}  // namespace netlimits::cli
