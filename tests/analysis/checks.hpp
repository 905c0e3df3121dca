// One check of a comparison by its metric.
#pragma once

#include <string>
#include <vector>

#include "analysis/comparison/comparison.hpp"
#include "tests/catch.hpp"

namespace netlimits::analysis {

inline const Check* find(const std::vector<Check>& checks, const std::string& metric) {
  for (const Check& check : checks) {
    if (check.metric == metric) return &check;
  }
  return nullptr;
}

inline CheckVerdict verdict_of(const std::vector<Check>& checks, const std::string& metric) {
  const Check* check = find(checks, metric);
  REQUIRE(check != nullptr);
  return check->verdict;
}

}  // namespace netlimits::analysis
