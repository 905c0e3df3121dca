// Which source address routing gives towards a destination, in the network namespace that the calling thread is in.
#pragma once

#include "live/sandbox/unavailable.hpp"
#include "model/net/address.hpp"

namespace netlimits::live {

// Asks rtnetlink (RTM_GETROUTE), as `ip route get` does: nothing is sent to the destination. ENETUNREACH when there is
// no way.
SystemResult<IpAddress> route_source(const IpAddress& destination);

}  // namespace netlimits::live
