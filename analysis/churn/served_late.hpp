// Short connections that find a server full may be served late.
#pragma once

#include <vector>

#include "analysis/capacity.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

// Are there connections that end by themselves?
bool some_end(const Scenario& scenario);

// A server that is full answers nothing, and its clients ask again: where those that it has end, it may have room then.
// Not where more come than it serves within twice the time for which a client asks, and not where it refuses.
// `found`: what is sustained, and how many are established, is in it.
bool may_be_served_late(const Scenario& scenario, const Capacity& found, const std::vector<Binding>& full);

// Is it a place of a server that no client's call meets? Its clients wait.
bool lets_clients_wait(const Scenario& scenario, const Binding& full);

// Do more lead to one of these places of servers alone, and stay, than it has room for?
bool too_many_stay(const Scenario& scenario, const std::vector<Binding>& full);

}  // namespace netlimits::analysis
