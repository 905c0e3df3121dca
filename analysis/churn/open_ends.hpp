// When connections end of which nobody knows it: what they would be with luck, and without.
#pragma once

#include <vector>

#include "analysis/churn/joint_walk.hpp"
#include "analysis/churn/pool_drawer.hpp"
#include "analysis/client_plan.hpp"

namespace netlimits::analysis {

// The walk of these drawers (its comers, in their order), with luck: hold times that are drawn are none, servers that
// close accept at once, and of those that never accept one takes whoever keeps the port for less time. Without, none of
// those ends. Where all that is known of a queue that nobody accepts from, both follow who has a place in it; without
// luck the server still has the four-tuple that comes again, and resets it first, so that its SYN is sent twice.
JointWalk with_open_ends(JointWalk walk, const std::vector<Drawer>& drawers, const ClientPlan& plan, bool luck);

}  // namespace netlimits::analysis
