// What is next, once the limit that a sentence names first is lifted.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "analysis/capacity.hpp"
#include "model/scenario/place.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::report {

// Nothing binds but that programs do not accept: their clients wait, and none is refused.
bool only_unaccepted(const std::vector<analysis::Binding>& binding);

// Once these are lifted, and no others. Nothing: no other limit is left.
std::optional<analysis::Rung> next_once_lifted(const Scenario& scenario, const std::set<PlacedLimit>& lifted,
                                               const analysis::Capacity& capacity);

// Once the limit is lifted that a run names. Nothing, too, where the analysis does not know it.
std::optional<analysis::Rung> next_after(const Scenario& scenario, const PlacedLimit& binding,
                                         const analysis::Capacity& capacity);

}  // namespace netlimits::report
