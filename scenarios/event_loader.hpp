// Reads what happens to hosts and back ends while a scenario runs.
#pragma once

#include "model/scenario/scenario.hpp"
#include "scenarios/json/json_reader.hpp"

namespace netlimits::scenarios {

// Requires: hosts and balancers of `scenario` have been read. Leaves the events in order of time; equal times keep the
// order of the file.
void load_events(const Field& field, Scenario& scenario);

}  // namespace netlimits::scenarios
