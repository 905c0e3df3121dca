// Engines that are wrong in exactly one thing, to measure whoever judges random scenarios: does he notice?
//
// No engine has a switch for it. A wrong one is the right one that was given an edited scenario, or whose result was
// edited.
#pragma once

#include <span>
#include <string_view>

#include "fuzz/scenarios/scenario_engines.hpp"

namespace netlimits::fuzz {

struct ScenarioFault {
  std::string_view name;      // as tables print it: "capacity.own-descriptors"
  std::string_view believes;  // what the wrong engine takes to be so
  ScenarioEngines (*wrong)(const ScenarioEngines& right);
};

std::span<const ScenarioFault> scenario_faults();

}  // namespace netlimits::fuzz
