// How full the accept queue at an endpoint of a measured machine was.
#pragma once

#include <cstdint>
#include <optional>

#include "model/machine/machine.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

struct QueueThere {
  std::uint64_t waiting = 0;  // connections that accept() has not taken yet
  std::uint64_t room = 0;     // for so many more
};

// Of the socket that would take a connection to `to`; of several (SO_REUSEPORT) that with most room. Nothing: nobody
// who listens there was seen, or how long its queue may be was not. Requires: `to` is on the machine.
std::optional<QueueThere> queue_there(const Machine& machine, const HostGroup& host, const Endpoint& to);

}  // namespace netlimits::analysis
