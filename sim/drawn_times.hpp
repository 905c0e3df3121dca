// The draws that a replay of a scenario makes, ahead of it: for a kernel that shall be asked about the same course.
#pragma once

#include "model/scenario/drawn_times.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::sim {

// The same streams in the same order as replay() (sim/client_programs.cpp). Twice as many hold times as connections:
// what is opened anew draws again.
DrawnTimes drawn_times(const Scenario& scenario);

}  // namespace netlimits::sim
