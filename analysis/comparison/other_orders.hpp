// A kernel decides which of several programs it serves first. What follows from such an order is no disagreement, when
// another order of the same scenario, which is as true as the predicted one, gives it.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "analysis/comparison/comparison.hpp"
#include "model/scenario/result.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

// The prediction of the scenario in another order of its programs' turns; equal numbers give equal ones. Nothing: it
// would take too much; then no further order is asked for.
using PredictionInTurns = std::function<std::optional<RunResult>(std::uint64_t order)>;

// Looks at every check that differs: a figure that other orders change as well is an interval, wider on both sides by
// as much as those orders are apart and one more, since they are only some of all. Words have to be those of one of
// them. What differs still is looked for in up to a thousand orders (fewer of a large scenario), and then has to be
// between what they gave. What a comparison left open agrees where it is among what they gave. A figure that is the
// same in every order stays as it is. Asks for nothing where everything agrees.
void allow_other_orders(const Scenario& scenario, const RunResult& predicted, const PredictionInTurns& in_turns,
                        std::vector<Check>& checks);

}  // namespace netlimits::analysis
