// What a run looks at and an analysis does not.
#pragma once

#include <string>
#include <vector>

#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

// In the words of a first line: "events", "accept rates", "SYN queues". Empty: for this scenario, nothing.
std::vector<std::string> left_out_of(const Scenario& scenario);

}  // namespace netlimits::analysis
