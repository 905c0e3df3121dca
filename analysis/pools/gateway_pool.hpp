// The ports of a gateway towards one destination: how many connections they let through.
//
// Where a gateway takes any port that is free, as many as it has. Where it searches as netfilter does, a search may
// fail while some are free, and the SYN is sent again: all can be taken with luck, and so many are sure that it is
// beyond all chance (one in a million) that any connection finds none at any of its SYNs. Wherever the ports lie that
// are taken, a search fails with a probability of at most (taken / all) ^ rounds (model/path/nat_port_search.hpp).
#pragma once

#include <cstdint>

#include "analysis/client_plan.hpp"
#include "analysis/interval.hpp"
#include "analysis/network_question.hpp"

namespace netlimits::analysis {

// Of all client hosts together, or of one where each has a block of its own.
Interval gateway_ports(const ClientPlan& plan, const Gateway& gateway, const Endpoint& destination,
                       const std::vector<std::uint64_t>& connections);

// Do so many connections go through some gateway that it can run short of ports because it keeps those of connections
// that are over?
bool gateways_may_run_short_after_close(const Scenario& scenario);

}  // namespace netlimits::analysis
