// What is held, and what is held once each limit in turn is lifted: a bar a step.
#pragma once

#include <string>

#include "analysis/capacity.hpp"

namespace netlimits::report {

// A part of a page: a heading and a table with a bar a step, as long as the count is to the largest. Nothing where no
// limit binds at any count.
std::string ladder_chart(const analysis::Capacity& capacity);

}  // namespace netlimits::report
