// Pools of automatic ports that several workloads draw from, or that connections from elsewhere have a part of: what
// one workload would sustain if it were alone says too much.
#pragma once

#include <vector>

#include "analysis/churn/steady_state.hpp"
#include "analysis/client_plan.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

// Writes what such workloads sustain together, in place of what each would alone: of the pool that is the first to be
// too small for all that come to it. Ports that connections have for ever, of other workloads or from before the
// scenario, are no part of it. Those that arrive as a ramp are followed here, too, and those of a host that has
// connections at the beginning which end.
void share_pools(std::vector<SteadyState>& states, const ClientPlan& plan, const Wiring& wiring);

}  // namespace netlimits::analysis
