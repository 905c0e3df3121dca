// Reads what a scenario claims about its result.
#pragma once

#include "model/scenario/scenario.hpp"
#include "scenarios/json/json_reader.hpp"

namespace netlimits::scenarios {

// Requires: hosts, balancers and workloads of `scenario` have been read.
void load_expectations(const Field& field, Scenario& scenario);

}  // namespace netlimits::scenarios
