// A workload sustains no more than its narrowest stage: descriptors and accept queues are places like ports, each of
// which serves one connection after another.
#pragma once

#include <vector>

#include "analysis/capacity_network.hpp"
#include "analysis/churn/steady_state.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

// Lowers what is sustained to the places that the network has for each workload, alone, divided by the time that a
// connection keeps its place. `network`: of the same scenario.
void bound_rates(std::vector<SteadyState>& states, const Scenario& scenario, const Wiring& wiring,
                 const CapacityNetwork& network);

// What so many places serve of more connections than they have room for, where whoever finds none is refused: between
// least and most, if these differ.
void write_bounds(SteadyState& state, const SharedPlaces& shared, std::uint64_t places);

}  // namespace netlimits::analysis
