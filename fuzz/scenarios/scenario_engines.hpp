// What random scenarios are judged by: the engines of folders that fuzzing does not know, and the simulation. Each is a
// function, so that a wrong one can be put in its place (scenario_faults.hpp).
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "fuzz/scenarios/scenario_laws.hpp"
#include "model/scenario/result.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::fuzz {

// The simulation. Throws std::runtime_error for a run that goes on and on.
RunResult run_to_its_end(const Scenario& scenario);

struct ScenarioEngines {
  // The scenario as a user would give it: written as text and read again. An error in words when the loader refuses it,
  // or when what it read is written otherwise.
  std::function<std::optional<std::string>(const Scenario&)> reading{};
  // From the closed forms.
  std::function<CapacityClaim(const Scenario&)> capacity{};
  std::function<RunResult(const Scenario&)> run = run_to_its_end;
  // The scenario as it is read from a text whose objects list their keys from the last to the first, except where their
  // order means something. Nothing: it cannot be read. Without this engine nobody looks at that relation.
  std::function<std::optional<Scenario>(const Scenario&)> read_backwards{};
};

}  // namespace netlimits::fuzz
