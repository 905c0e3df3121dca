// When the connections of a workload begin.
#pragma once

#include <cstdint>

#include "model/scenario/scenario.hpp"
#include "sim/random_stream.hpp"

namespace netlimits::sim {

// Gives the arrival times one after another, never decreasing: those of model/scenario/arrival_law.hpp, or, for a
// Poisson process, gaps drawn from the stream and rounded to whole nanoseconds one by one.
class ArrivalSchedule {
 public:
  ArrivalSchedule(const Workload& workload, RandomStream stream);

  bool exhausted() const { return given_ == total_; }
  SimTime next();  // Requires: !exhausted().

 private:
  SimTime time_of(std::uint64_t k);

  Arrivals law_;
  SimTime start_;
  SimTime last_;
  std::uint64_t total_;
  std::uint64_t given_ = 0;
  RandomStream stream_;
};

}  // namespace netlimits::sim
