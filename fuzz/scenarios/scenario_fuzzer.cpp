// The loop over random scenarios.
#include "fuzz/scenarios/scenario_fuzzer.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <utility>

#include "fuzz/scenarios/scenario_shrinker.hpp"

namespace netlimits::fuzz {

std::vector<BrokenLaw> judge(const Scenario& scenario, const ScenarioEngines& engines,
                             std::span<const Relation> relations) {
  try {
    if (const auto error = engines.reading(scenario)) return {{"can-be-read", *error}};
  } catch (const std::out_of_range&) {
    return {{"can-be-read", "a name leads nowhere"}};
  }
  std::optional<JudgedScenario> judged;
  try {
    judged.emplace(JudgedScenario{scenario, engines.run(scenario), {}});
  } catch (const std::exception& error) {
    return {{"can-be-run", error.what()}};
  }
  judged->claim = engines.capacity(scenario);
  std::vector<BrokenLaw> broken = broken_laws(scenario, judged->result);
  const auto add = [&](std::vector<BrokenLaw> more) {
    broken.insert(broken.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  };
  add(broken_claims(scenario, judged->result, judged->claim));
  add(broken_churn_claims(scenario, judged->result, judged->claim));
  for (const Relation& relation : relations) add(broken_relation(*judged, relation, engines));
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
    const std::vector<Relation> relations = relations_in_turn(scenario, engines, number, options.relations);
    std::vector<BrokenLaw> broken = judge(scenario, engines, relations);
    std::erase_if(broken, [&](const BrokenLaw& one) { return options.aside.contains(one.law); });
    if (broken.empty()) continue;
    for (const BrokenLaw& one : broken) ++result.broken[one.law];
    const std::string& law = broken.front().law;
    const auto breaks_it = [&](const BrokenLaw& one) { return one.law == law; };
    ScenarioFinding finding{.number = number};
    finding.scenario = shrink(std::move(scenario), [&](const Scenario& candidate) {
      const auto still = judge(candidate, engines, relations);
      return std::any_of(still.begin(), still.end(), breaks_it);
    });
    finding.broken = judge(finding.scenario, engines, relations);
    std::stable_partition(finding.broken.begin(), finding.broken.end(), breaks_it);
    result.findings.push_back(std::move(finding));
  }
  return result;
}

}  // namespace netlimits::fuzz
