// What the limits of a cut say of those that meet them.
#pragma once

#include <vector>

#include "analysis/capacity.hpp"
#include "analysis/network_question.hpp"

namespace netlimits::analysis {

// In printed order.
std::vector<Binding> binding_of(const std::vector<CutLimit>& bound);

// Is whoever comes to any of them told at once, however few there are?
bool leads_nowhere(const std::vector<CutLimit>& limits);

// In a queue that has room nobody fails whom no program accepts; others do: those whom one of `refusing` refuses.
std::vector<CutLimit> without_those_that_only_wait(std::vector<CutLimit> cut, const std::vector<Binding>& refusing);

}  // namespace netlimits::analysis
