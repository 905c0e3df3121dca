// When connect() may take a TIME_WAIT entry over, asked of the rule (model/ports/tuple_takeover.hpp) for the
// connections of a scenario.
#pragma once

#include <optional>

#include "model/scenario/scenario.hpp"
#include "model/systems/rules.hpp"

namespace netlimits {

// From when on an automatic choice of connect() may have the port of a connection that went into TIME_WAIT at `since`;
// nothing: not before the entry is gone. `timestamps`: both ends use them.
std::optional<SimTime> taken_over_from(const Settings& settings, const Rules& rules, bool timestamps,
                                       const IpAddress& local, const IpAddress& remote, SimTime since);

// May one take over what these connections have left, when so much of the scenario has passed?
bool may_be_taken_over(const Settings& settings, const Rules& rules, const HeldConnections& held, Duration after = {});

}  // namespace netlimits
