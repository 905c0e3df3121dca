// A gateway keeps the port of a connection for a while after its close, and a table of tracked connections its entry:
// what goes through them sustains no more than those let through, whatever ports its hosts have.
#pragma once

#include "analysis/capacity.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

// Lowers what is sustained to the ports of the narrowest gateway on the way, divided by the time that each is kept, and
// adds those ports to what binds where more is asked for. A kernel's gateway gives ports of connections that are
// closing to others, if its search comes to them, and connection tracking may sweep them out of a table that was full:
// then more may get through.
void bound_by_gateways(Capacity& found, const Scenario& scenario, const Wiring& wiring);

// Does a rate tell of every connection that goes through a gateway, and does not stay?
bool rates_tell_of_gateways(const Scenario& scenario, const Wiring& wiring, const Capacity& found);
// ... that goes through a table of tracked connections?
bool rates_tell_of_tables(const Scenario& scenario, const Wiring& wiring, const Capacity& found);

}  // namespace netlimits::analysis
