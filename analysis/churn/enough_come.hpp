// A scenario's end may come before those whose times are drawn.
#pragma once

#include "analysis/churn/steady_state.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

// Are there, by the scenario's end, all but surely more than its ports at one time? True where chance has no part in
// when they come: those that begin after the end are no part of the scenario that is asked about. Requires: an end.
bool surely_enough_come(const SteadyState& state, const Scenario& scenario);

}  // namespace netlimits::analysis
