// Draws random scenarios, judges them with the right engines or with wrong ones, and prints and saves what comes out.
#include "cli/fuzz/fuzz_scenarios_command.hpp"

#include <fmt/format.h>

#include "cli/fuzz/fuzz_session.hpp"
#include "cli/fuzz/scenario_engines.hpp"
#include "cli/progress_line.hpp"
#include "fuzz/scenarios/scenario_fault_hunt.hpp"
#include "fuzz/scenarios/scenario_fuzzer.hpp"
#include "live/sandbox/interrupt.hpp"
#include "report/fuzz/scenario_fault_hunt_report.hpp"
#include "report/fuzz/scenario_fuzz_report.hpp"

namespace netlimits::cli {

ExitCode fuzz_scenarios_command(const FuzzArguments& arguments) {
  fuzz::ScenarioFuzzOptions options;
  options.seed = arguments.seed;
  options.first_case = arguments.first_case;
  options.cases = arguments.cases.value_or(usual_fuzz_cases);
  options.generator = all_systems();
  options.stop = stop_after(arguments.minutes);
  ProgressLine line;
  options.progress = [&](std::uint64_t cases) { line.show(fmt::format("{} of {} scenarios", cases, options.cases)); };
  live::remember_interrupts();
  const fuzz::ScenarioFuzzResult result = fuzz::fuzz_scenarios(options, scenario_engines());
  ExitCode code = result.findings.empty() ? ExitCode::holds : ExitCode::disagree;
  for (const fuzz::ScenarioFinding& finding : result.findings) {
    save_scenario(arguments.save_directory, fmt::format("scenario-{}-{}", result.seed, finding.number),
                  finding.scenario, code);
  }
  const Forms forms{{Format::text, [&] { return report::scenario_fuzz_text(result); }},
                    {Format::json, [&] { return report::scenario_fuzz_json(result); }}};
  return deliver(arguments.output, forms, code);
}

ExitCode hunt_scenario_faults_command(const FuzzArguments& arguments) {
  fuzz::ScenarioHuntOptions options;
  options.seed = arguments.seed;
  options.cases = arguments.cases.value_or(most_cases_for_a_wrong_engine);
  options.shrink = !arguments.no_shrink;
  options.generator = all_systems();
  options.stop = stop_after(arguments.minutes);
  ProgressLine line;
  options.progress = [&](std::uint64_t cases, std::size_t left) {
    line.show(fmt::format("{} scenarios, {} wrong engines at large", cases, left));
  };
  live::remember_interrupts();
  const fuzz::ScenarioHuntResult result =
      fuzz::hunt_scenario_faults(options, fuzz::scenario_faults(), scenario_engines());
  live::stop_if_interrupted();
  const ExitCode code = report::all_noticed(result) ? ExitCode::holds : ExitCode::does_not_hold;
  const Forms forms{{Format::text, [&] { return report::scenario_hunt_text(result); }},
                    {Format::json, [&] { return report::scenario_hunt_json(result); }},
                    {Format::markdown, [&] { return report::scenario_hunt_markdown(result); }}};
  return deliver(arguments.output, forms, code);
}

}  // namespace netlimits::cli
