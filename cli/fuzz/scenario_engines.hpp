// The engines that random scenarios are judged by: the format's writer and loader, the closed forms, the simulation.
#pragma once

#include "fuzz/scenarios/scenario_engines.hpp"

namespace netlimits::cli {

fuzz::ScenarioEngines scenario_engines();

}  // namespace netlimits::cli
