// When the connections of a workload begin, by the same laws as the model's, for a run in real time.
#pragma once

#include <boost/random/mersenne_twister.hpp>
#include <cstdint>

#include "model/scenario.hpp"

namespace netlimits::live {

// The arrival of the k-th connection after the start of the run. `k` never decreases from call to call. Two schedules
// of the same workload and seed give the same times, so that several processes can share one workload.
class ArrivalTimes {
 public:
  ArrivalTimes(const Workload& workload, std::uint64_t seed);
  SimTime of(std::uint64_t k);  // end_of_time: never

 private:
  const Workload* workload_;
  boost::random::mt19937_64 engine_;
  std::uint64_t drawn_ = 0;
  Duration poisson_{};
};

// Hold times, drawn one by one.
class HoldTimes {
 public:
  HoldTimes(const Hold& hold, std::uint64_t seed) : hold_(hold), engine_(seed) {}
  bool for_ever() const { return std::holds_alternative<HoldForever>(hold_); }
  Duration next();  // Requires: !for_ever().

 private:
  Hold hold_;
  boost::random::mt19937_64 engine_;
};

}  // namespace netlimits::live
