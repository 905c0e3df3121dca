// Random scenarios one after another: each is read back from its text, run, and held against the laws, against what the
// closed forms claim and against relatives of itself; what breaks a law is shrunk.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "fuzz/scenarios/scenario_engines.hpp"
#include "fuzz/scenarios/scenario_generator.hpp"
#include "fuzz/scenarios/scenario_laws.hpp"
#include "fuzz/scenarios/scenario_relations.hpp"

namespace netlimits::fuzz {

// The laws that the scenario breaks, and of `relations` those that do not hold between it and its relatives. One that
// cannot be read breaks only "can-be-read", one whose run goes on and on or throws only "can-be-run".
std::vector<BrokenLaw> judge(const Scenario& scenario, const ScenarioEngines& engines,
                             std::span<const Relation> relations = all_relations());

struct ScenarioFinding {
  std::uint64_t number = 0;         // of the case
  Scenario scenario{};              // shrunk
  std::vector<BrokenLaw> broken{};  // by the shrunk one; first the law that it was shrunk for
};

struct ScenarioFuzzOptions {
  std::uint64_t seed = 1;
  std::uint64_t first_case = 0;
  std::uint64_t cases = 1000;
  std::size_t most_findings = 10;  // stop after so many
  std::set<std::string> aside{};   // laws that are not looked at, by name
  std::size_t relations = 2;       // looked at in each case: the next ones in turn that say something of it
  ScenarioOptions generator{};
  std::function<bool()> stop{};  // asked before each case; true ends the run early
  std::function<void(std::uint64_t cases)> progress{};
};

struct ScenarioFuzzResult {
  std::uint64_t seed = 0;
  std::uint64_t cases = 0;
  std::uint64_t plain = 0;  // of those, so many whose end could be held against the closed forms from both sides
  std::map<std::string, std::uint64_t> broken{};  // cases by law
  std::vector<ScenarioFinding> findings{};
};

ScenarioFuzzResult fuzz_scenarios(const ScenarioFuzzOptions& options, const ScenarioEngines& engines);

}  // namespace netlimits::fuzz
