// What a script leaves in its network namespace after every descriptor is closed: TIME_WAIT, FIN_WAIT, LAST_ACK.
#pragma once

namespace netlimits::live {

// Ends all TCP sockets of the current network namespace. Requires: no process holds one. False when some would not go.
bool clear_residue();

}  // namespace netlimits::live
