// The answers of two engines to one scenario, compared: a prediction, and what a kernel showed.
//
// The engines do not know each other, and this does not know them: whoever asked them hands both answers in, and so can
// hand in one that is deliberately wrong.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/comparison/comparison.hpp"
#include "analysis/comparison/other_orders.hpp"
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

// What else is predicted, beside the twin's run.
struct OtherPredictions {
  // Where the twin is without the round trips of its scenario: the run with them (with_round_trips()).
  std::optional<RunResult> own{};
  // The twin's run in other orders of its programs' turns; may be empty.
  PredictionInTurns in_turns{};
};

// Both are answers to the twin's scenario. What the observer says that it could not see is "not determined" in the
// checks.
//  - The prediction with round trips is what the user asked about, and so what is shown as predicted; a figure in which
//    it is apart from the twin's is "not determined", unless the kernel contradicts the twin's.
//  - What only the order of several programs decides is an interval.
Validation validate(const Twin& twin, const RunResult& predicted, Observation observed,
                    const OtherPredictions& others = {});

}  // namespace netlimits::analysis
