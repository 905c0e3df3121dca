// One scenario asked of two engines, and their answers compared: a prediction, and what a kernel showed.
//
// The engines do not know each other, and this does not know them: whoever composes hands both in, and so can hand in
// one that is deliberately wrong.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "analysis/comparison.hpp"
#include "model/scenario/observation.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/twin.hpp"

namespace netlimits::analysis {

struct ValidationEngines {
  std::function<RunResult(const Scenario&)> predict;
  std::function<Observation(const Scenario&)> observe;
};

struct Validation {
  std::string kernel{};  // its release; empty when it could not be asked
  std::vector<Check> checks{};
  std::vector<std::string> remarks{};  // what was scaled, and what stands for what, one sentence each
  std::string not_asked{};             // why the kernel could not be asked; empty: it was
};

// Both engines get the twin's scenario. What the observer says that it could not see is "not determined" in the checks.
Validation validate(const Twin& twin, const ValidationEngines& engines);

}  // namespace netlimits::analysis
