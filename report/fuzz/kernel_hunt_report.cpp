// First the sentence, then what the kernel did not tell, then what it told otherwise.
#include "report/fuzz/kernel_hunt_report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "report/forms/escaping.hpp"
#include "report/forms/json_text.hpp"
#include "report/forms/number_text.hpp"
#include "scenarios/scenario_writer.hpp"

namespace netlimits::report {
namespace {

std::string verdict(const fuzz::KernelHuntResult& result) {
  if (result.findings.empty()) return "no disagreement that repeats";
  return fmt::format("{} differ, each time that they were tried", counted(result.findings.size(), "scenarios"));
}

}  // namespace

std::string kernel_hunt_text(const fuzz::KernelHuntResult& result) {
  std::string text = fmt::format("{} random scenarios (seed {}) on the kernel, {}: {}\n", grouped(result.cases),
                                 result.seed, counted(result.checks, "checks"), verdict(result));
  text += fmt::format("  not determined: {} of {} scenarios in some figure ({} of them in all), {} of {} checks\n",
                      grouped(result.cases_not_determined), grouped(result.cases), grouped(result.cases_not_asked),
                      grouped(result.checks_not_determined), grouped(result.checks));
  for (const auto& [why, cases] : result.not_determined)
    text += fmt::format("    {}: {}\n", grouped(cases), text_line(why));
  if (!result.unsteady.empty()) {
    text +=
        fmt::format("  a matter of moments, since they differed once and not each time they were repeated: {} ({})\n",
                    counted(result.unsteady.size(), "cases"), fmt::join(result.unsteady, ", "));
  }
  for (const fuzz::KernelFinding& finding : result.findings) {
    text += fmt::format("\ncase {}, shrunk:\n", finding.number);
    for (const fuzz::FigureThatDiffers& one : finding.differs) text += fmt::format("  {}\n", text_line(one.what));
    text += scenarios::scenario_text(finding.scenario);
  }
  return text;
}

std::string kernel_hunt_json(const fuzz::KernelHuntResult& result) {
  nlohmann::json made{{"format", "netlimits.fuzz-kernel/1"},
                      {"seed", result.seed},
                      {"cases", result.cases},
                      {"checks", result.checks},
                      {"checks_not_determined", result.checks_not_determined},
                      {"cases_not_determined", result.cases_not_determined},
                      {"cases_not_asked", result.cases_not_asked},
                      {"not_determined", nlohmann::json::array()},
                      {"unsteady", result.unsteady},
                      {"findings", nlohmann::json::array()}};
  for (const auto& [why, cases] : result.not_determined)
    made["not_determined"].push_back({{"why", why}, {"cases", cases}});
  for (const fuzz::KernelFinding& finding : result.findings) {
    nlohmann::json differs = nlohmann::json::array();
    for (const fuzz::FigureThatDiffers& one : finding.differs)
      differs.push_back({{"figure", one.figure}, {"what", one.what}});
    made["findings"].push_back({{"case", finding.number},
                                {"differs", std::move(differs)},
                                {"scenario", nlohmann::json::parse(scenarios::scenario_text(finding.scenario))}});
  }
  return json_bytes(made);
}

}  // namespace netlimits::report
