// What the simulation says of a twin: its run, and what else a comparison with a kernel asks for.
#pragma once

#include <string>

#include <tl/expected.hpp>

#include "analysis/comparison/validation.hpp"
#include "cli/run_bounds.hpp"
#include "model/scenario/result.hpp"
#include "model/scenario/twin.hpp"

namespace netlimits::cli {

struct TwinPredictions {
  RunResult predicted{};
  analysis::OtherPredictions others{};
};

// `twin` has to outlive what is returned: other orders are predicted when they are asked for, each within the bounds.
// The error is what to print. Throws live::Interrupted.
tl::expected<TwinPredictions, std::string> predictions_of(const Twin& twin, const RunBounds& bounds,
                                                          const std::string& file);

}  // namespace netlimits::cli
