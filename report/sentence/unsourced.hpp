// Figures without a source that stand behind an answer: whoever reads its first line has to know.
#pragma once

#include <span>
#include <string>

#include "model/scenario/place.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::report {

// "max_time_wait_buckets and time_wait of windows-2019; somaxconn of macos": figures of the profiles of those hosts on
// which these limits lie, as far as the limits depend on them and the scenario does not set them itself. Empty: none.
std::string unsourced_figures(const Scenario& scenario, std::span<const PlacedLimit> limits);

}  // namespace netlimits::report
