// Reads the processes of a host and their listeners.
#pragma once

#include "model/scenario/scenario.hpp"
#include "scenarios/json/json_reader.hpp"

namespace netlimits::scenarios {

// Requires: everything else of the host has been read. Complains about listeners that could not be opened: no
// privilege, a foreign address, a port that is taken.
void load_processes(const Field& field, HostGroup& host);
// `field`: the held ports. Every one of them is an open file beside those of the processes.
void check_held_ports_fit(const Field& field, const HostGroup& host);

}  // namespace netlimits::scenarios
