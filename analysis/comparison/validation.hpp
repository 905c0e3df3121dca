// The answers of two engines to one scenario, compared: a prediction, and what a kernel showed.
//
// The engines do not know each other, and this does not know them: whoever asked them hands both answers in, and so can
// hand in one that is deliberately wrong.
#pragma once

#include <string>
#include <vector>

#include "analysis/comparison/comparison.hpp"
#include "model/scenario/observation.hpp"
#include "model/scenario/result.hpp"
#include "model/scenario/twin.hpp"

namespace netlimits::analysis {

struct Validation {
  std::string kernel{};  // its release; empty when it could not be asked
  std::vector<Check> checks{};
  std::vector<std::string> remarks{};  // what was scaled, and what stands for what, one sentence each
  std::string not_asked{};             // why the kernel could not be asked; empty: it was
};

// Both are answers to the twin's scenario. What the observer says that it could not see is "not determined" in the
// checks.
Validation validate(const Twin& twin, const RunResult& predicted, Observation observed);

}  // namespace netlimits::analysis
