// First the sentence, then the laws that were broken and how often, then the scenarios.
#include "report/fuzz/scenario_fuzz_report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "report/forms/escaping.hpp"
#include "report/forms/json_text.hpp"
#include "report/forms/number_text.hpp"
#include "scenarios/scenario_writer.hpp"

namespace netlimits::report {

std::string scenario_fuzz_text(const fuzz::ScenarioFuzzResult& result) {
  std::string text =
      fmt::format("{} (seed {}), {} of them plain: {}\n", counted(result.cases, "random scenarios"), result.seed,
                  grouped(result.plain),
                  result.findings.empty() ? std::string("every law holds")
                                          : counted(result.findings.size(), "scenarios that break a law"));
  for (const auto& [law, cases] : result.broken) text += fmt::format("  {}: {}\n", law, counted(cases, "cases"));
  for (const fuzz::ScenarioFinding& finding : result.findings) {
    text += fmt::format("\ncase {}, shrunk:\n", finding.number);
    for (const fuzz::BrokenLaw& one : finding.broken) text += fmt::format("  {}: {}\n", one.law, text_line(one.what));
    text += scenarios::scenario_text(finding.scenario);
  }
  return text;
}

std::string scenario_fuzz_json(const fuzz::ScenarioFuzzResult& result) {
  nlohmann::json made{{"format", "netlimits.fuzz-scenarios/1"},
                      {"seed", result.seed},
                      {"cases", result.cases},
                      {"plain", result.plain},
                      {"broken", nlohmann::json::object()},
                      {"findings", nlohmann::json::array()}};
  for (const auto& [law, cases] : result.broken) made["broken"][law] = cases;
  for (const fuzz::ScenarioFinding& finding : result.findings) {
    nlohmann::json broken = nlohmann::json::array();
    for (const fuzz::BrokenLaw& one : finding.broken) broken.push_back({{"law", one.law}, {"what", one.what}});
    made["findings"].push_back({{"case", finding.number},
                                {"broken", std::move(broken)},
                                {"scenario", nlohmann::json::parse(scenarios::scenario_text(finding.scenario))}});
  }
  return json_bytes(made);
}

}  // namespace netlimits::report
