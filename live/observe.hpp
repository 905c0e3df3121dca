// Runs a whole scenario on this machine's kernel: real processes, real sockets, in a sandbox, in real time.
//
// What is observed has the same form as what the model predicts, so that the two can be compared metric by metric.
#pragma once

#include <cstdint>
#include <functional>

#include "live/run_plan.hpp"
#include "model/drawn_times.hpp"
#include "model/observation.hpp"
#include "model/scenario.hpp"

namespace netlimits::live {

struct ObserveProgress {
  Duration elapsed{};
  std::uint64_t attempted = 0;
  std::uint64_t asked = 0;
};

struct ObserveOptions {
  Duration at_most = std::chrono::seconds(300);            // of real time for this run
  std::function<void(const ObserveProgress&)> progress{};  // called about ten times a second
  // What chance gave, drawn elsewhere; what is missing here is drawn anew.
  DrawnTimes drawn{};
  // Programs that play a process of the scenario, by "host/process": the command, for sh. What it holds is seen through
  // the kernel.
  StandInCommands stand_ins{};
};

// Never throws for what the machine lacks: no user namespace, another system's profile, a limit that cannot be had here
// are `undetermined`. Requires: the caller has one thread (live/sandbox.hpp).
Observation observe(const Scenario& scenario, const ObserveOptions& options = {});

}  // namespace netlimits::live
