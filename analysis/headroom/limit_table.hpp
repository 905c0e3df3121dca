// The limits of a measured machine, row by row: what of each is in use and how much is left.
#pragma once

#include "analysis/headroom/headroom.hpp"

namespace netlimits::analysis {

// Where no destination was asked for, the stand-in's address means nothing to a reader.
Place to_any_one(Place place);

// Adds the rows to `found`. Requires: it has its sources and its question.
void write_limits(const Machine& machine, const HostGroup& host, Headroom& found);

// Marks the rows of the limits that the answer names, and notes what may bind before them. Requires: `found` has its
// rows and its answer.
void mark_what_binds(Headroom& found);

}  // namespace netlimits::analysis
