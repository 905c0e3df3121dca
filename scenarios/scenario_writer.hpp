// Writes a scenario as its JSON text (docs/scenario-format.md): what scenario_loader.hpp reads, the other way round.
#pragma once

#include <string>

#include "model/scenario/scenario.hpp"

namespace netlimits::scenarios {

// What the loader makes of the text is the scenario again, apart from its basis; what the loader takes for granted is
// left out. Requires: a scenario that the loader accepts, and profiles that it knows by name. "no_listener" is written
// where a destination is not reached.
std::string scenario_text(const Scenario& scenario);

}  // namespace netlimits::scenarios
