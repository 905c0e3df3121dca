// Reads a claim on the capacity, on a rate that goes on, or on one limit by its name and place.
#pragma once

#include <optional>

#include "model/scenario/scenario.hpp"
#include "scenarios/json/json_reader.hpp"

namespace netlimits::scenarios {

// Has it a key that only such a claim has?
bool names_a_figure(const ObjectReader& expectation);

// Complains of a limit, a place or a workload that the scenario does not have, and of keys that do not go together.
// Requires: hosts, balancers, gateways and workloads of `scenario` have been read.
std::optional<FigureClaim> load_figure_claim(const ObjectReader& expectation, const Scenario& scenario);

}  // namespace netlimits::scenarios
