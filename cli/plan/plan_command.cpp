// Reads the scenario, asks for plans, puts them to the proof, and prints them or writes the scenario of one.
#include "cli/plan/plan_command.hpp"

#include <fmt/format.h>

#include <utility>

#include "cli/files.hpp"
#include "cli/messages.hpp"
#include "report/forms/escaping.hpp"
#include "report/plan/plan_report.hpp"
#include "scenarios/scenario_writer.hpp"

namespace netlimits::cli {
namespace {

ExitCode code_of(const report::PlanReport& report, const ProofArguments& asked) {
  ExitCode code = report::is_reached(report) ? ExitCode::holds : ExitCode::does_not_hold;
  for (const report::PlanProof& proof : report.proofs) {
    if (!proof.kernel.asked) continue;
    if (proof.kernel.verdict == analysis::CheckVerdict::differs) code = worse(code, ExitCode::disagree);
    if (asked.require_kernel && proof.kernel.kernel.empty()) code = worse(code, ExitCode::no_kernel);
  }
  return code;
}

// The scenario itself where it carries all of it already.
ExitCode write_applied(const report::PlanReport& report, std::size_t number, const std::string& file, ExitCode code) {
  const analysis::PlanAnswer& answer = report.answer;
  if (!answer.now.all && number > answer.plans.size()) {
    complain(answer.plans.empty()
                 ? fmt::format("netlimits plan: {}", report::text_line(report.summary))
                 : fmt::format("netlimits plan: --apply {}: there are plans 1 to {}", number, answer.plans.size()));
    return answer.plans.empty() ? ExitCode::does_not_hold : ExitCode::bad_input;
  }
  complain(report::text_line(fmt::format("netlimits plan: {}", report.summary)));
  const Scenario& scenario = answer.now.all ? answer.asked : answer.plans[number - 1].scenario;
  const auto written = write_output(file, scenarios::scenario_text(scenario));
  if (written) return code;
  complain("netlimits: " + written.error());
  return ExitCode::bad_input;
}

}  // namespace

ExitCode plan_command(const PlanArguments& arguments) {
  const auto profiles = load_profiles(arguments.scenario.profile_directory);
  if (!profiles) {
    complain_of_lines(profiles.error());
    return ExitCode::bad_input;
  }
  const std::string& file = arguments.scenario.files.front();
  const auto scenario = load(arguments.scenario, file, *profiles);
  if (!scenario) {
    complain_of_lines(scenario.error());
    return ExitCode::bad_input;
  }
  auto answer = analysis::plan(*scenario, arguments.goal, arguments.wishes);
  if (!answer) {
    complain(report::text_line(fmt::format("{}: {}", display_name(file), answer.error())));
    return ExitCode::bad_input;
  }
  auto proofs = proofs_of(*answer, arguments.goal, arguments.proof, *profiles, display_name(file));
  const auto report = report::make_plan_report(*scenario, arguments.goal, *std::move(answer), std::move(proofs));
  const ExitCode code = code_of(report, arguments.proof);
  if (arguments.apply) return write_applied(report, *arguments.apply, arguments.output.file, code);
  const Forms forms{{Format::text, [&] { return report::plan_text(report, arguments.output.style()); }},
                    {Format::json, [&] { return report::plan_json(report); }},
                    {Format::markdown, [&] { return report::plan_markdown(report); }}};
  return deliver(arguments.output, forms, code);
}

}  // namespace netlimits::cli
