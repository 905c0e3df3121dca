// The leader's part of a live run: builds the hosts, starts the processes, lets the scenario's events happen, sees when
// nothing is left to happen, and measures.
#pragma once

#include <cstdint>

#include "live/run/program_surroundings.hpp"
#include "live/run/run_plan.hpp"
#include "live/run/shared_records.hpp"
#include "live/sandbox/sandbox.hpp"
#include "model/scenario/drawn_times.hpp"

namespace netlimits::live {

struct RunDriverOptions {
  Duration at_most{};           // of real time; a run that is not over then is measured as it stands
  bool sees_processes = false;  // /proc shows the sandbox's own
  const DrawnTimes* drawn = nullptr;
  const ProgramSurroundings* surroundings = nullptr;  // of user programs; null: the usual ones
};

// Requires: called as the leader of a sandbox. Everything that it finds is in the records afterwards; trouble too.
void drive_run(const Scenario& scenario, const RunPlan& plan, const SharedRecords& records,
               const RunDriverOptions& options);

}  // namespace netlimits::live
