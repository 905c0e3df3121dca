// What the processes of a live run wrote down, read as a result of the model's form.
#pragma once

#include "live/run/run_plan.hpp"
#include "live/run/shared_records.hpp"
#include "model/scenario/observation.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::live {

// Fills observation.result, and adds to observation.undetermined what the records cannot tell. Requires: the run is
// over.
void read_records(const Scenario& scenario, const RunPlan& plan, const SharedRecords& records,
                  Observation& observation);

}  // namespace netlimits::live
