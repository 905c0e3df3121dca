// The leader's part of a live run: builds the hosts, starts the processes, lets the scenario's events happen, sees when
// nothing is left to happen, and measures.
#pragma once

#include <cstdint>

#include "live/board.hpp"
#include "live/run_plan.hpp"
#include "live/sandbox.hpp"

namespace netlimits::live {

struct DirectorOptions {
  Duration at_most{};  // of real time; a run that is not over then is measured as it stands
};

// How many worker records a run can need: its processes, their restarts, and the holders of foreign ports.
std::size_t worker_records(const Scenario& scenario, const RunPlan& plan);

// Requires: called as the leader of a sandbox. Everything that it finds is on the board afterwards; trouble too.
void direct(const Scenario& scenario, const RunPlan& plan, const Board& board, const DirectorOptions& options);

}  // namespace netlimits::live
