// A proxy's connections to back ends as a workload.
#pragma once

#include "model/scenario/scenario.hpp"

namespace netlimits::sim {

// Which of its connections begins when is decided by what the proxy accepts; it is held until either end closes.
Workload passed_on_by(const Scenario& scenario, const Proxy& proxy);

}  // namespace netlimits::sim
