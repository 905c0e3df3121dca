// Reads "gateways" of a scenario.
#pragma once

#include "model/scenario/scenario.hpp"
#include "scenarios/json/json_reader.hpp"

namespace netlimits::scenarios {

// Requires: the scenario's hosts and balancers are read.
void load_gateways(const Field& field, Scenario& scenario);

// What can be said once the workloads are read: who comes to hosts behind a gateway, what goes out through it, and
// whether that asks for figures that nobody has published.
void check_gateways(const Field& field, const Scenario& scenario);

}  // namespace netlimits::scenarios
