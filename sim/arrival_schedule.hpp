// When the connections of a workload begin.
#pragma once

#include <cstdint>

#include "model/scenario/scenario.hpp"
#include "sim/random_stream.hpp"

namespace netlimits::sim {

// Gives the arrival times one after another, never decreasing. Times are exact integers for every law but Poisson's,
// whose gaps are drawn from the stream and rounded to whole nanoseconds one by one.
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

// The time after the start at which a rate that grows linearly has let `k` connections begin: the least t with
// from * t + (to - from) * t^2 / (2 * over) >= k while t <= over, and a constant rate `to` afterwards.
// A ramp that ends at rate 0 never lets more begin: end_of_time then.
Duration ramp_arrival(const RampRate& ramp, std::uint64_t k);

}  // namespace netlimits::sim
