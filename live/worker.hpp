// One real process of a live run: the programs of one process instance of the scenario, or of several.
#pragma once

#include <cstddef>
#include <vector>

#include "live/board.hpp"
#include "live/run_plan.hpp"

namespace netlimits::live {

struct WorkerTask {
  const Scenario* scenario = nullptr;
  const RunPlan* plan = nullptr;
  const Board* board = nullptr;
  std::size_t process = 0;   // of RunPlan::processes
  std::size_t record = 0;    // of Board::workers
  bool serves_only = false;  // after a restart: its clients' connections are not begun again
  // Descriptors of the listeners that the leader opened, by index of RunPlan::listeners; -1: none.
  std::vector<int> leader_listeners;
};

// Runs in a process of its own (spawn()), in the network namespace of its host. Comes back only when it could not
// begin; otherwise it measures when the run ends and then waits to be killed, so that what it holds can still be looked
// at.
int run_worker(const WorkerTask& task);

}  // namespace netlimits::live
