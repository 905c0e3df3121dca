// The part of an answer that is about connections which end by themselves.
#pragma once

#include "analysis/capacity.hpp"
#include "analysis/capacity_network.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

// What they sustain and when they first fail, what binds because of that, and how many both ends have at one moment.
// `found`: what holds if all are there at once. `network`: of the same scenario.
void add_short_connections(Capacity& found, const Scenario& scenario, const Wiring& wiring,
                           const CapacityNetwork& network, bool breaks_without_chance);

// Who waits for a server that is full is told of it long after others are refused, if ever: its place comes behind
// theirs.
void put_those_that_wait_last(const Scenario& scenario, std::vector<Binding>& binding);

// Does a rate already tell of every program that accepts at a pace of its own?
bool rates_tell_of_accepts(const Scenario& scenario, const Capacity& capacity);

}  // namespace netlimits::analysis
