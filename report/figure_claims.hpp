// Claims on a limit by its name and place, on the capacity and on rates, judged by the result of a run.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "report/expectation.hpp"

namespace netlimits::report {

// A limit's figures are those of the run; the capacity and rates are the analysis's, for a run does not look for them.
// Requires: expectation.claim has a value.
ExpectationResult evaluated_claim(const Expectation& expectation, const nlohmann::json& run,
                                  const analysis::Capacity* capacity);

}  // namespace netlimits::report
