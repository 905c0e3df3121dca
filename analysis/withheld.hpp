// What an observer says that it could not see is not held against either side.
#pragma once

#include <string_view>
#include <vector>

#include "analysis/comparison/comparison.hpp"

namespace netlimits::analysis {

// Every check at `pointer` or below it becomes "not determined", with the reason. The empty pointer covers all.
void withhold(std::vector<Check>& checks, std::string_view pointer, std::string_view why);

}  // namespace netlimits::analysis
