// Parts of a scenario that change nothing: balancers that nothing leads to, and hosts, processes and listeners that
// no workload, used balancer, path, held connection, event or claim has to do with. Mostly a name that was meant for
// something else.
#pragma once

#include "model/scenario/wiring.hpp"
#include "scenarios/json/json_reader.hpp"

namespace netlimits::scenarios {

// Complains of each, at its place in the scenario (`whole`), of a host without its processes. A listener also counts
// for the port that it keeps from the workloads of its own host. Requires: the whole scenario has been read.
void warn_of_unused_parts(const Field& whole, const Scenario& scenario, const Wiring& wiring);

}  // namespace netlimits::scenarios
