// The limits of a measured machine, row by row: what of each is in use and how much is left.
#pragma once

#include "analysis/headroom/headroom.hpp"

namespace netlimits::analysis {

// Where no destination was asked for, the stand-in's address means nothing to a reader.
Place to_any_one(Place place);

// Adds the rows to `found`, marks what binds first, and notes what may bind before that. Requires: `found` has its
// sources and its question.
void write_limits(const Machine& machine, const HostGroup& host, Headroom& found);

}  // namespace netlimits::analysis
