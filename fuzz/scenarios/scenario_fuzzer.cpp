// The loop over random scenarios.
#include "fuzz/scenarios/scenario_fuzzer.hpp"

#include <algorithm>
#include <stdexcept>

#include "fuzz/scenarios/scenario_shrinker.hpp"
#include "sim/replay.hpp"

namespace netlimits::fuzz {
namespace {

// Far more than the largest scenario of the generator needs.
constexpr std::uint64_t most_reports = 500;  // of progress, each some thousand events

}  // namespace

std::vector<BrokenLaw> judge(const Scenario& scenario, const ScenarioEngines& engines) {
  RunResult run;
  try {
    if (const auto error = engines.reading(scenario)) return {{"can-be-read", *error}};
  } catch (const std::out_of_range&) {
    return {{"can-be-read", "a name leads nowhere"}};
  }
  try {
    std::uint64_t reports = 0;
    run = sim::replay(scenario, {.progress = [&reports](const sim::Progress&) {
                        if (++reports > most_reports) throw std::runtime_error("the run does not end");
                      }});
  } catch (const std::exception& error) {
    return {{"can-be-run", error.what()}};
  }
  std::vector<BrokenLaw> broken = broken_laws(scenario, run);
  const std::vector<BrokenLaw> claims = broken_claims(scenario, run, engines.capacity(scenario));
  broken.insert(broken.end(), claims.begin(), claims.end());
  return broken;
}

ScenarioFuzzResult fuzz_scenarios(const ScenarioFuzzOptions& options, const ScenarioEngines& engines) {
  ScenarioFuzzResult result;
  result.seed = options.seed;
  for (std::uint64_t i = 0; i < options.cases && result.findings.size() < options.most_findings; ++i) {
    if (options.stop && options.stop()) break;
    const std::uint64_t number = options.first_case + i;
    Scenario scenario = random_scenario(options.seed, number, options.generator);
    ++result.cases;
    if (is_plain(scenario)) ++result.plain;
    if (options.progress) options.progress(result.cases);
    std::vector<BrokenLaw> broken = judge(scenario, engines);
    std::erase_if(broken, [&](const BrokenLaw& one) { return options.aside.contains(one.law); });
    if (broken.empty()) continue;
    for (const BrokenLaw& one : broken) ++result.broken[one.law];
    const std::string& law = broken.front().law;
    const auto breaks_it = [&](const BrokenLaw& one) { return one.law == law; };
    ScenarioFinding finding{.number = number};
    finding.scenario = shrink(std::move(scenario), [&](const Scenario& candidate) {
      const auto still = judge(candidate, engines);
      return std::any_of(still.begin(), still.end(), breaks_it);
    });
    finding.broken = judge(finding.scenario, engines);
    std::stable_partition(finding.broken.begin(), finding.broken.end(), breaks_it);
    result.findings.push_back(std::move(finding));
  }
  return result;
}

}  // namespace netlimits::fuzz
