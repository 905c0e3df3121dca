// Every case is judged with the right engines, then with each wrong one that is still at large.
#include "fuzz/scenarios/scenario_fault_hunt.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "fuzz/scenarios/scenario_fuzzer.hpp"
#include "fuzz/scenarios/scenario_relations.hpp"
#include "fuzz/scenarios/scenario_shrinker.hpp"

namespace netlimits::fuzz {
namespace {

struct AtLarge {
  std::size_t number;
  ScenarioEngines wrong;
};

// An edited scenario may be one that no loader lets through, and an engine that throws is noticed as well.
std::vector<BrokenLaw> judged(const Scenario& scenario, const ScenarioEngines& engines,
                              std::span<const Relation> relations) {
  try {
    return judge(scenario, engines, relations);
  } catch (const std::exception& error) {
    return {{"can-be-run", error.what()}};
  }
}

}  // namespace

ScenarioHuntResult hunt_scenario_faults(const ScenarioHuntOptions& options, std::span<const ScenarioFault> faults,
                                        const ScenarioEngines& right) {
  ScenarioHuntResult result;
  result.seed = options.seed;
  std::vector<AtLarge> at_large;
  for (const ScenarioFault& fault : faults) {
    HuntedScenarioFault& hunted = result.faults.emplace_back();
    hunted.name = fault.name;
    hunted.believes = fault.believes;
    at_large.push_back({result.faults.size() - 1, fault.wrong(right)});
    at_large.back().wrong.reading = [](const Scenario&) { return std::nullopt; };  // the right ones have read it
  }
  for (std::uint64_t number = 0; number < options.cases && !at_large.empty(); ++number) {
    if (options.stop && options.stop()) break;
    ++result.cases;
    const Scenario scenario = random_scenario(options.seed, number, options.generator);
    const std::vector<Relation> relations = relations_in_turn(scenario, right, number, options.relations);
    if (!judged(scenario, right, relations).empty()) {
      ++result.left_out;
      continue;
    }
    std::erase_if(at_large, [&](const AtLarge& one) {
      std::vector<BrokenLaw> broken = judged(scenario, one.wrong, {});
      if (broken.empty()) broken = judged(scenario, one.wrong, relations);
      if (broken.empty()) return false;
      HuntedScenarioFault& fault = result.faults[one.number];
      fault.cases = number + 1;
      fault.broken = broken.front();
      fault.scenario = scenario;
      if (!options.shrink) return true;
      const auto breaks_it = [&](const BrokenLaw& law) { return law.law == fault.broken.law; };
      fault.scenario = shrink(scenario, [&](const Scenario& candidate) {
        if (!judged(candidate, right, relations).empty()) return false;  // first: it may be no scenario at all
        const auto still = judged(candidate, one.wrong, relations);
        return std::any_of(still.begin(), still.end(), breaks_it);
      });
      const auto left = judged(fault.scenario, one.wrong, relations);
      const auto shown = std::find_if(left.begin(), left.end(), breaks_it);
      if (shown != left.end()) fault.broken = *shown;
      return true;
    });
    if (options.progress) options.progress(result.cases, at_large.size());
  }
  return result;
}

}  // namespace netlimits::fuzz
