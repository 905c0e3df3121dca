// Measures the fuzzer of scenarios: wrong engines meet the same random scenarios until each has been noticed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fuzz/scenarios/scenario_engines.hpp"
#include "fuzz/scenarios/scenario_faults.hpp"
#include "fuzz/scenarios/scenario_generator.hpp"
#include "fuzz/scenarios/scenario_laws.hpp"

namespace netlimits::fuzz {

struct ScenarioHuntOptions {
  std::uint64_t seed = 1;
  std::uint64_t cases = 2000;  // at most
  std::size_t relations = 2;   // looked at in each case, as by the fuzzer
  ScenarioOptions generator{};
  bool shrink = false;
  std::function<bool()> stop{};
  std::function<void(std::uint64_t cases, std::size_t left)> progress{};
};

struct HuntedScenarioFault {
  std::string name{};
  std::string believes{};
  std::optional<std::uint64_t> cases{};  // until it was noticed
  BrokenLaw broken{};                    // that noticed it, in the shrunk scenario
  Scenario scenario{};                   // shrunk when asked for
};

struct ScenarioHuntResult {
  std::uint64_t seed = 0;
  std::uint64_t cases = 0;
  std::uint64_t left_out = 0;  // the right engines themselves break a law there
  std::vector<HuntedScenarioFault> faults{};
};

// A fault is noticed by a case in which the right engines break no law and the wrong ones do.
ScenarioHuntResult hunt_scenario_faults(const ScenarioHuntOptions& options, std::span<const ScenarioFault> faults,
                                        const ScenarioEngines& right);

}  // namespace netlimits::fuzz
