// Random scenarios one after another: each is read back from its text, run, and held against the laws and against what
// the closed forms claim; what breaks a law is shrunk.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "fuzz/scenarios/scenario_generator.hpp"
#include "fuzz/scenarios/scenario_laws.hpp"

namespace netlimits::fuzz {

// What the laws ask of folders that fuzzing does not know.
struct ScenarioEngines {
  // The scenario as a user would give it: written as text and read again. An error in words when the loader refuses it,
  // or when what it read is written otherwise.
  std::function<std::optional<std::string>(const Scenario&)> reading{};
  // From the closed forms.
  std::function<CapacityClaim(const Scenario&)> capacity{};
};

// The laws that the scenario breaks. One that cannot be read breaks only "can-be-read", one whose run goes on and on or
// throws only "can-be-run".
std::vector<BrokenLaw> judge(const Scenario& scenario, const ScenarioEngines& engines);

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
