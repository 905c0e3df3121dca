// The prefix rule of JSON pointers, applied to a list of checks.
#include "analysis/withheld.hpp"

#include <string>

namespace netlimits::analysis {

void withhold(std::vector<Check>& checks, std::string_view pointer, std::string_view why) {
  for (Check& check : checks) {
    const std::string_view metric = check.metric;
    if (!metric.starts_with(pointer)) continue;
    if (metric.size() > pointer.size() && !pointer.empty() && metric[pointer.size()] != '/') continue;
    check.verdict = CheckVerdict::not_determined;
    check.why = why;
  }
}

}  // namespace netlimits::analysis
