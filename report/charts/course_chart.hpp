// What became of the attempts in the course of a run, where the scenario asks for windows.
#pragma once

#include <string>

#include "model/scenario/result.hpp"

namespace netlimits::report {

// A part of a page: a heading, and a chart a workload of what was established and what failed in each window. Windows
// are added up where there are more than a picture can show. Nothing where none were asked for.
std::string course_charts(const RunResult& result);

}  // namespace netlimits::report
