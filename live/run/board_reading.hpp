// What the processes of a live run wrote down, read as a result of the model's form.
#pragma once

#include "live/run/board.hpp"
#include "live/run/run_plan.hpp"
#include "model/scenario/observation.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::live {

// Fills observation.result, and adds to observation.undetermined what the board cannot tell. Requires: the run is over.
void read_board(const Scenario& scenario, const RunPlan& plan, const Board& board, Observation& observation);

}  // namespace netlimits::live
