// The TCP flows that connection tracking knows in the network namespace that the calling thread is in, through
// NETLINK_NETFILTER: which connection a rule has rewritten to which destination.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "live/sandbox/unavailable.hpp"
#include "model/net/endpoint.hpp"

namespace netlimits::live {

struct TrackedFlow {
  FourTuple client;  // as its sender sees it: local is the sender, remote where it meant to go
  FourTuple answer;  // as who answers sees it: local is where its packets really go, remote who seems to have sent them
  bool closing = false;  // one end has said that it is over, or has reset it
};

// Half-open and closed connections are among them until their timeouts end.
SystemResult<void> each_tracked_flow(const std::function<void(const TrackedFlow&)>& visit);

// Makes so many entries as of established connections, between addresses that no scenario uses: nobody sends anything
// in them, and they stay.
SystemResult<void> track_flows_of_nobody(std::uint64_t count);

// Forgets flows, by the sender's view. Those that are gone already are passed over.
SystemResult<void> forget_tracked_flows(const std::vector<FourTuple>& flows);

}  // namespace netlimits::live
