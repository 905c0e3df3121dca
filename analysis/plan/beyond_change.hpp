// What no knob changes: destinations that nobody answers at, or where nobody accepts.
#pragma once

#include <string>

#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

// One sentence about the first workload, by name, some of whose connections come to nothing whatever is turned. Empty:
// there is none.
std::string comes_to_nothing(const Scenario& scenario);

}  // namespace netlimits::analysis
