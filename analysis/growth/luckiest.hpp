// Whom luck may let through of those that are asked for.
#pragma once

#include "analysis/growth/growth.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

// Those that are open at the same time may all be of the kind that gets through, where the others come to nothing; and
// they go round from any turn on. `open`: of each workload, in the order of the names.
Demand luckiest(const Scenario& scenario, const Wiring& wiring, const Demand& open);

}  // namespace netlimits::analysis
