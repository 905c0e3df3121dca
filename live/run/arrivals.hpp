// When the connections of a workload begin, by the same laws as the model's, for a run in real time.
#pragma once

#include <boost/random/mersenne_twister.hpp>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "live/run/board.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::live {

// The arrival of the k-th connection after the start of the run. `k` never decreases from call to call. Two schedules
// of the same workload and seed give the same times, so that several processes can share one workload.
class ArrivalTimes {
 public:
  // `drawn`: the times themselves, drawn elsewhere; null: by the workload's law.
  ArrivalTimes(const Workload& workload, std::uint64_t seed, const std::vector<SimTime>* drawn);
  SimTime of(std::uint64_t k);  // end_of_time: never

 private:
  const Workload* workload_;
  boost::random::mt19937_64 engine_;
  const std::vector<SimTime>* given_;
  std::uint64_t drawn_ = 0;
  Duration poisson_{};
};

// Hold times, taken one by one. Several processes take from the same drawn ones in turn.
class HoldTimes {
 public:
  // `drawn`: see ArrivalTimes; `taken` counts how many of them are taken already, by all.
  HoldTimes(const Hold& hold, std::uint64_t seed, const std::vector<Duration>* drawn, Count& taken)
      : hold_(hold), engine_(seed), drawn_(drawn), taken_(&taken) {}
  bool for_ever() const { return std::holds_alternative<HoldForever>(hold_); }
  Duration next();  // Requires: !for_ever().

 private:
  Hold hold_;
  boost::random::mt19937_64 engine_;
  const std::vector<Duration>* drawn_;
  Count* taken_;
};

// The draws for a workload, or null.
template <class Times>
const Times* draws_of(const std::map<std::string, Times>& drawn, const std::string& workload) {
  const auto found = drawn.find(workload);
  return found == drawn.end() ? nullptr : &found->second;
}

}  // namespace netlimits::live
