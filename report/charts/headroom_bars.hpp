// How full each limit got, the fullest first.
#pragma once

#include <string>
#include <vector>

#include "model/scenario/result.hpp"

namespace netlimits::report {

// A part of a page: a heading and a table with a bar a row. Of very many limits the fullest; what is left out is said
// with its fullest. Nothing where no limit was used.
std::string headroom_bars(const std::vector<LimitUse>& limits);

}  // namespace netlimits::report
