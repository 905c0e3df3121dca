// Writes a scenario as its JSON text (docs/scenario-format.md): what scenario_loader.hpp reads, the other way round.
#pragma once

#include <string>
#include <string_view>

#include "model/scenario/scenario.hpp"

namespace netlimits::scenarios {

// What the loader makes of the text is the scenario again, apart from its basis; what the loader takes for granted is
// left out. Requires: a scenario that the loader accepts, and profiles that it knows by name. "no_listener" is written
// where a destination is not reached.
std::string scenario_text(const Scenario& scenario);

// Such a text with the keys of each object from the last to the first, which says the same; but for the processes of a
// host, which are numbered in the order of the file. Requires: JSON.
std::string with_keys_backwards(std::string_view scenario_text);

}  // namespace netlimits::scenarios
