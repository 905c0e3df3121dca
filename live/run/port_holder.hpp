// Processes that are no part of a scenario and hold what it says is held already: ports, and connections from before.
#pragma once

#include <cstddef>

#include "live/run/shared_records.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::live {

// How many such processes one host needs. `again`: after it was down, when its connections are gone.
std::size_t holders_of(const HostGroup& group, bool again);

// The body of one of them: takes its share, says so in its record, and stays until it is killed.
//
// A connection has no peer here: a socket in TCP_REPAIR mode becomes ESTABLISHED without sending anything, and
// IP_LOCAL_PORT_RANGE leaves connect() one port to choose, so that the port is connect-bound as the model says
// (measured on 6.18: such sockets take their ports from later connects to the same destination only). TIME_WAIT
// entries cannot be made this way.
int hold_share(WorkerRecord& record, const HostGroup& group, std::size_t holder, bool again);

}  // namespace netlimits::live
