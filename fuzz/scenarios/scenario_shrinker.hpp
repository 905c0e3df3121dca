// A smaller scenario that shows the same.
#pragma once

#include <functional>

#include "model/scenario/scenario.hpp"

namespace netlimits::fuzz {

// The smallest scenario found by taking elements out of `scenario`, putting the usual in place of the unusual and
// halving its figures, one change at a time, that `still_shows` accepts. It may be asked about scenarios whose names
// lead nowhere: those it has to turn down. Requires: still_shows(scenario).
Scenario shrink(Scenario scenario, const std::function<bool(const Scenario&)>& still_shows);

}  // namespace netlimits::fuzz
