// Gives the hunt on the kernel its trials: the twin, its prediction, its run with real sockets, and the comparison.
#include "cli/fuzz/fuzz_on_kernel_command.hpp"

#include <fmt/format.h>

#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "analysis/comparison/validation.hpp"
#include "cli/fuzz/fuzz_session.hpp"
#include "cli/fuzz/scenario_engines.hpp"
#include "cli/kernel_runs.hpp"
#include "cli/messages.hpp"
#include "cli/progress_line.hpp"
#include "cli/running_kernel.hpp"
#include "cli/twin_predictions.hpp"
#include "fuzz/scenarios/kernel_hunt.hpp"
#include "live/sandbox/interrupt.hpp"
#include "live/sandbox/own_descriptors.hpp"
#include "report/fuzz/kernel_hunt_report.hpp"
#include "report/validation_report.hpp"
#include "scenarios/profiles.hpp"

namespace netlimits::cli {
namespace {

// Short, since there are many: what lasts longer runs faster, or only its beginning is run.
MachineSize size_of_a_case() {
  MachineSize machine;
  machine.nofile_hard = live::hard_descriptor_limit();
  machine.patience = std::chrono::seconds(4);
  machine.time_wait_patience = std::chrono::seconds(6);
  return machine;
}

// "/hosts/server/processes/web/accepted" is "/hosts/*/processes/*/accepted", whoever it belongs to.
std::string figure_of(std::string_view metric) {
  static const std::set<std::string_view> named{"hosts",  "processes", "workloads", "balancers",
                                                "limits", "failures",  "windows",   "back_ends"};
  std::string figure;
  std::string_view before;
  while (!metric.empty()) {
    metric.remove_prefix(1);
    const std::string_view word = metric.substr(0, metric.find('/'));
    figure += '/';
    figure += named.contains(before) ? "*" : word;
    before = named.contains(before) ? std::string_view() : word;
    metric.remove_prefix(word.size());
  }
  return figure;
}

fuzz::Trial trial_of(const analysis::Validation& validation) {
  fuzz::Trial trial{.checks = validation.checks.size(), .not_asked = validation.not_asked};
  for (const analysis::Check& check : validation.checks) {
    if (check.verdict == analysis::CheckVerdict::not_determined) ++trial.not_determined[check.why];
    if (check.verdict != analysis::CheckVerdict::differs) continue;
    trial.differs.push_back({figure_of(check.metric), report::check_text(check)});
  }
  return trial;
}

fuzz::Trial judged(KernelRuns::Ended ended) {
  const auto made = predictions_of(ended.twin, {}, ended.twin.scenario.name);
  if (!made) return {.differs = {{"can-be-run", made.error()}}};
  return trial_of(analysis::validate(ended.twin, made->predicted, std::move(ended.seen), made->others));
}

}  // namespace

ExitCode fuzz_on_kernel_command(const FuzzArguments& arguments) {
  const RunningKernel running = running_kernel(scenarios::ProfileSet::built_in());
  complain("netlimits fuzz: " + running.text());
  const MachineSize size = size_of_a_case();
  KernelRuns runs;
  fuzz::KernelTrials kernel;
  kernel.can_be_read = [engines = scenario_engines()](const Scenario& scenario) {
    try {
      return !engines.reading(scenario);
    } catch (const std::out_of_range&) {
      return false;  // a name leads nowhere
    }
  };
  kernel.begin = [&](std::uint64_t number, const Scenario& scenario) {
    live::ObserveOptions options;
    options.at_most = std::chrono::seconds(60);
    runs.begin(number, twin_for(scenario, size), std::move(options));
  };
  kernel.wait = [&]() -> fuzz::KernelTrials::Ended {
    KernelRuns::Ended ended = runs.wait();
    const std::uint64_t number = ended.number;
    return {number, judged(std::move(ended))};
  };
  fuzz::KernelHuntOptions options;
  options.seed = arguments.seed;
  options.first_case = arguments.first_case;
  options.cases = arguments.cases.value_or(usual_fuzz_cases);
  options.jobs = arguments.jobs;
  options.generator.profiles.push_back(running.profile);
  options.generator.for_a_sandbox = true;
  if (arguments.no_shrink) options.shrink_trials = 0;
  options.stop = stop_after(arguments.minutes);
  ProgressLine line;
  options.progress = [&](std::uint64_t cases, std::size_t suspects) {
    line.show(fmt::format("{} of {} scenarios, {} differed once", cases, options.cases, suspects));
  };
  live::remember_interrupts();
  const fuzz::KernelHuntResult result = fuzz::hunt_on_kernel(options, kernel);
  ExitCode code = result.findings.empty() ? ExitCode::holds : ExitCode::disagree;
  if (arguments.require_kernel && result.cases_not_asked == result.cases) code = worse(code, ExitCode::no_kernel);
  for (const fuzz::KernelFinding& finding : result.findings) {
    save_scenario(arguments.save_directory, fmt::format("kernel-{}-{}", result.seed, finding.number), finding.scenario,
                  code);
  }
  const Forms forms{{Format::text, [&] { return report::kernel_hunt_text(result); }},
                    {Format::json, [&] { return report::kernel_hunt_json(result); }}};
  return deliver(arguments.output, forms, code);
}

}  // namespace netlimits::cli
