// One real process of a live run: the programs of one process instance of the scenario, or of several.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "live/run/run_plan.hpp"
#include "live/run/shared_records.hpp"
#include "model/scenario/drawn_times.hpp"

namespace netlimits::live {

struct WorkerTask {
  const Scenario* scenario = nullptr;
  const RunPlan* plan = nullptr;
  const SharedRecords* records = nullptr;
  std::size_t process = 0;              // of RunPlan::processes
  std::size_t record = 0;               // of SharedRecords::workers
  std::optional<std::size_t> before{};  // the record of the part of the process after whose arrivals its own begin
  // After a restart: what was due before this moment of the run is not begun again.
  std::int64_t resume_at = std::numeric_limits<std::int64_t>::min();
  // Its host is down: what its programs would begin is counted as failed, and nothing else is done.
  bool absent = false;
  const DrawnTimes* drawn = nullptr;
  // Descriptors of the listeners that the leader opened, by index of RunPlan::listeners; -1: none.
  std::vector<int> leader_listeners{};
};

// Runs in a process of its own (spawn()), in the network namespace of its host. Comes back only when it could not
// begin; otherwise it measures when the run ends and then waits to be killed, so that what it holds can still be looked
// at.
int run_worker(const WorkerTask& task);

}  // namespace netlimits::live
