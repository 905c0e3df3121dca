// Turns that come to nobody, however few connections are open at once.
#pragma once

#include <vector>

#include "analysis/capacity.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

// The destinations and back ends at which some connections find nobody, whatever else is free. Each once, with a
// capacity of 0, in printed order.
std::vector<Binding> turns_that_lead_nowhere(const Scenario& scenario, const Wiring& wiring);

// Is whoever meets any of these told at once, that nobody listens or that there is no way?
bool all_told_at_once(const std::vector<Binding>& binding);

}  // namespace netlimits::analysis
