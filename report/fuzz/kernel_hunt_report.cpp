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
  if (result.cases_not_asked == result.cases) return "the kernel could not be asked";
  if (result.findings.empty()) return "no disagreement that repeats";
  return fmt::format("{} differ, each time that they were tried", counted(result.findings.size(), "scenarios"));
}

// What else a reader of one line has to know: what was not tried, not tried again, or not told.
std::string reservations(const fuzz::KernelHuntResult& result) {
  std::string words;
  if (!result.not_repeated.empty())
    words += fmt::format("; {} more differed once and were not tried again", grouped(result.not_repeated.size()));
  if (!result.unsteady.empty()) words += fmt::format("; {} differed once", grouped(result.unsteady.size()));
  if (result.cases_not_determined > 0)
    words += fmt::format("; {} not determined in some figure", grouped(result.cases_not_determined));
  return words;
}

}  // namespace

std::string kernel_hunt_text(const fuzz::KernelHuntResult& result) {
  const std::string tried = result.cases < result.asked
                                ? fmt::format("{} of {}", grouped(result.cases), grouped(result.asked))
                                : grouped(result.cases);
  std::string text = fmt::format("{} random scenarios (seed {}) on the kernel, {}: {}{}\n", tried, result.seed,
                                 counted(result.checks, "checks"), verdict(result), reservations(result));
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
    text += fmt::format("\ncase {}, {}:\n", finding.number, result.shrunk ? "shrunk" : "as it was drawn");
    for (const fuzz::FigureThatDiffers& one : finding.differs) text += fmt::format("  {}\n", text_line(one.what));
    text += scenarios::scenario_text(finding.scenario);
  }
  return text;
}

std::string kernel_hunt_json(const fuzz::KernelHuntResult& result) {
  nlohmann::json made{{"format", "netlimits.fuzz-kernel/1"},
                      {"seed", result.seed},
                      {"asked", result.asked},
                      {"cases", result.cases},
                      {"shrunk", result.shrunk},
                      {"checks", result.checks},
                      {"checks_not_determined", result.checks_not_determined},
                      {"cases_not_determined", result.cases_not_determined},
                      {"cases_not_asked", result.cases_not_asked},
                      {"not_determined", nlohmann::json::array()},
                      {"unsteady", result.unsteady},
                      {"not_repeated", result.not_repeated},
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
