// Gives the scenario fuzzer its engines: the format's writer and loader, and the closed forms.
#include "cli/fuzz_scenarios_command.hpp"

#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <stdexcept>
#include <string>

#include "analysis/capacity.hpp"
#include "cli/files.hpp"
#include "cli/messages.hpp"
#include "cli/progress_line.hpp"
#include "fuzz/scenarios/scenario_fuzzer.hpp"
#include "live/sandbox/interrupt.hpp"
#include "report/scenario_fuzz_report.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/scenario_loader.hpp"
#include "scenarios/scenario_writer.hpp"

namespace netlimits::cli {
namespace {

fuzz::CapacityClaim capacity_of(const Scenario& scenario) {
  const analysis::Capacity found = analysis::capacity(scenario);
  return {found.capacity.min, found.capacity.max, found.established.min, found.established.max};
}

}  // namespace

std::optional<std::string> written_and_read(const Scenario& scenario) try {
  const std::string text = scenarios::scenario_text(scenario);
  const auto loaded = scenarios::load_scenario(text, scenario.name, scenarios::ProfileSet::built_in());
  if (!loaded) return scenarios::text_of(loaded.error());
  if (scenarios::scenario_text(*loaded) != text) return "what was read is written otherwise";
  return std::nullopt;
} catch (const std::out_of_range&) {
  return "a name leads nowhere";
}

ExitCode fuzz_scenarios_command(const FuzzArguments& arguments) {
  const scenarios::ProfileSet& profiles = scenarios::ProfileSet::built_in();
  fuzz::ScenarioFuzzOptions options;
  options.seed = arguments.seed;
  options.first_case = arguments.first_case;
  options.cases = arguments.cases.value_or(usual_fuzz_cases);
  options.generator.profiles.push_back(profiles.find("linux"));
  for (const std::string& name : profiles.names()) options.generator.profiles.push_back(profiles.find(name));
  const auto start = std::chrono::steady_clock::now();
  options.stop = [&] {
    live::stop_if_interrupted();
    return arguments.minutes &&
           std::chrono::steady_clock::now() - start > std::chrono::duration<double, std::ratio<60>>(*arguments.minutes);
  };
  ProgressLine line;
  options.progress = [&](std::uint64_t cases) { line.show(fmt::format("{} of {} scenarios", cases, options.cases)); };
  live::remember_interrupts();
  const fuzz::ScenarioFuzzResult result = fuzz::fuzz_scenarios(options, {written_and_read, capacity_of});
  ExitCode code = result.findings.empty() ? ExitCode::holds : ExitCode::disagree;
  const auto write = [&](const std::string& file, const std::string& text) {
    const auto done = write_output(file, text);
    if (done) return;
    complain("netlimits: " + done.error());
    code = worse(code, ExitCode::bad_input);
  };
  for (const fuzz::ScenarioFinding& finding : result.findings) {
    if (arguments.save_directory.empty()) break;
    write(fmt::format("{}/scenario-{}-{}.json", arguments.save_directory, result.seed, finding.number),
          scenarios::scenario_text(finding.scenario));
  }
  const bool json = arguments.output.format == Format::json;
  write(arguments.output.file, json ? report::scenario_fuzz_json(result) : report::scenario_fuzz_text(result));
  return code;
}

}  // namespace netlimits::cli
