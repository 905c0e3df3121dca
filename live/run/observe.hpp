// Runs a whole scenario on this machine's kernel: real processes, real sockets, in a sandbox, in real time.
//
// What is observed has the same form as what the model predicts, so that the two can be compared metric by metric.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "live/run/program_surroundings.hpp"
#include "live/run/run_plan.hpp"
#include "model/scenario/drawn_times.hpp"
#include "model/scenario/observation.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::live {

struct ObserveProgress {
  Duration elapsed{};
  std::uint64_t attempted = 0;
  std::uint64_t asked = 0;
};

struct ObserveOptions {
  Duration at_most = std::chrono::seconds(300);  // of real time for this run
  // What chance gave: everything that it decides in the scenario. Nothing is drawn here; without it nothing is run.
  DrawnTimes drawn{};
  // Programs that play a process of the scenario, by "host/process": the command, for sh. What it holds is seen through
  // the kernel.
  UserProgramCommands user_programs{};
  ProgramSurroundings surroundings{};
};

// One run on the kernel. Several may be under way at the same time: each has a sandbox of its own. Ends with the
// object.
class OngoingObservation {
 public:
  // Never throws for what the machine lacks: no user namespace, another system's profile, a limit that cannot be had
  // here are `undetermined` in the result. Requires: the caller has one thread (live/sandbox/sandbox.hpp).
  static OngoingObservation begin(const Scenario& scenario, ObserveOptions options = {});
  OngoingObservation(OngoingObservation&&) noexcept;
  OngoingObservation& operator=(OngoingObservation&&) noexcept;
  ~OngoingObservation();

  // Waits for its end, at most so long. True: it is over.
  bool wait(std::chrono::milliseconds patience);
  ObserveProgress progress() const;
  Observation result();  // Requires: it is over.

 private:
  struct State;
  explicit OngoingObservation(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// A run from its beginning to its end.
Observation observe(const Scenario& scenario, const ObserveOptions& options = {});

}  // namespace netlimits::live
