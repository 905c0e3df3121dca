// Reads the workloads of a scenario.
#pragma once

#include "model/scenario/scenario.hpp"
#include "scenarios/json/json_reader.hpp"

namespace netlimits::scenarios {

// Requires: hosts, balancers and paths of `scenario` have been read without an error. Checks that each workload's
// destinations reach a listener or balancer, and that its program may bind as it says.
void load_workloads(const Field& field, Scenario& scenario);

// The same for its proxies: they connect as workloads do.
void load_proxies(const Field& field, Scenario& scenario);

}  // namespace netlimits::scenarios
