// A scenario predicted for the kernel that is asked, whatever version its hosts name: only then is a difference between
// the two a defect.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/scenario/scenario.hpp"

namespace netlimits::scenarios {

// Gives each host of Linux whose rules are other ones those of `kernel`, the profile of the kernel that is asked.
// Settings are the scenario's own still, since they can be made there; but what the kernel has no setting for is as
// that kernel has it, unless the scenario sets it by name. What changed, in words, a sentence each host; empty:
// nothing. `release`: of that kernel, for the words.
std::vector<std::string> take_rules_of(const OsProfile& kernel, std::string_view release, Scenario& scenario);

}  // namespace netlimits::scenarios
