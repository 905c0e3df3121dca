// When programs get a turn on a machine that is not infinitely fast: one of the orders in which a kernel may see what
// is due at one moment.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "model/net/time.hpp"
#include "model/scenario/scenario.hpp"
#include "sim/random_stream.hpp"

namespace netlimits::sim {

class Turns {
 public:
  // Host instance, process of its group, instance of that process.
  using Program = std::tuple<std::uint32_t, std::uint32_t, std::uint64_t>;

  // `number`: of the order, which is drawn from it.
  Turns(const Scenario& scenario, std::uint64_t number);

  // When the program does what is due at `due`: not before what it did last, some time later, and before the scenario's
  // next event. Asked in the order of time.
  SimTime turn_of(const Program& program, SimTime due);
  // When a program that waits for a moment, or is told of something at it, comes to do what is to be done then.
  SimTime some_time_after(SimTime due);
  // When the next connection of a workload is due that is due at `due`: nanoseconds later, the same number for all of
  // one workload. So of two that are due at one moment either may be the first.
  SimTime moment_of(std::uint32_t workload, SimTime due) const;

 private:
  Duration some_time();
  SimTime before_the_next_event(SimTime due, SimTime at) const;

  RandomStream stream_;
  std::uint64_t number_;
  Duration usual_wait_;
  std::vector<SimTime> events_;  // in order of time
  std::map<Program, SimTime> busy_until_;
};

// The same scenario on the network of such a machine, where a round trip that takes no time takes some, between nothing
// and milliseconds.
Scenario with_round_trips_of(Scenario scenario, std::uint64_t number);

}  // namespace netlimits::sim
