// Reads the processes of a host and their listeners.
#pragma once

#include "model/scenario/scenario.hpp"
#include "scenarios/json/json_reader.hpp"

namespace netlimits::scenarios {

// Requires: everything else of the host has been read. Complains about listeners that could not be opened: no
// privilege, a foreign address, a port that is taken.
void load_processes(const Field& field, HostGroup& host);

}  // namespace netlimits::scenarios
