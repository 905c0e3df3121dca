// Ports that others have for a while: what is sustained in the long run does not know them, and the first that fails
// may fail of them.
#pragma once

#include <vector>

#include "analysis/churn/steady_state.hpp"
#include "analysis/client_plan.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

// Lowers the rate up to which nobody fails by connections from before the scenario that end, and by workloads that come
// all at once, and end.
void leave_room(std::vector<SteadyState>& states, const Scenario& scenario, const ClientPlan& plan,
                const Wiring& wiring);

}  // namespace netlimits::analysis
