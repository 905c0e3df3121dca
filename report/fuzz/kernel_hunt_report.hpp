// What `fuzz --scenarios --kernel` prints.
#pragma once

#include <string>

#include "fuzz/scenarios/kernel_hunt.hpp"

namespace netlimits::report {

// One sentence, what was not determined and why, and each finding as a scenario that `validate` takes.
std::string kernel_hunt_text(const fuzz::KernelHuntResult& result);
std::string kernel_hunt_json(const fuzz::KernelHuntResult& result);

}  // namespace netlimits::report
