// How many automatic ports one pool gives, in closed form.
#pragma once

#include <optional>

#include "analysis/interval.hpp"
#include "model/scenario/automatic_ports.hpp"

namespace netlimits::analysis {

// The ports of the range that are not withheld (model/scenario/automatic_ports.hpp), less the one that a walk misses.
//
// Kernels that search one parity first visit one port less than an odd-sized range has (facts measured on 6.18: a range
// of 3 always gives 2, one of 5 gives 4 or 5): the port they miss is the lowest or the highest of the range.
//
// Without a destination: towards one that nobody is connected to. `after`: when so much time has passed, so that some
// of the connections that the host has at the beginning are gone.
Interval automatic_ports(const HostGroup& host, const PoolKind& kind,
                         const std::optional<Endpoint>& destination = std::nullopt, Duration after = {});

// Four-tuples from this address to this destination that connections from before the scenario have for good.
std::uint64_t held_tuples(const HostGroup& host, const IpAddress& local, const Endpoint& to);

}  // namespace netlimits::analysis
