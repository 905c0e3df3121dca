// A host as the scenario format writes it (docs/scenario-format.md).
#pragma once

#include <string>

#include "model/scenario/scenario.hpp"

namespace netlimits::scenarios {

// The value of one entry of "hosts": it can be pasted there as it is. Sorted keys; lists of plain values on one line.
// Settings are those that the host sets. Requires: one host, no group.
std::string host_json(const HostGroup& host);

}  // namespace netlimits::scenarios
