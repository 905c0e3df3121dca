// When the connections of a workload begin and end in a run in real time: by the laws that the model follows, or as
// chance was drawn elsewhere. Nothing is drawn here.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "live/run/shared_records.hpp"
#include "model/scenario/drawn_times.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::live {

// The arrival of the k-th connection after the start of the run.
class ArrivalTimes {
 public:
  // `drawn`: null where the workload's law needs none (model/scenario/arrival_law.hpp). Both outlive this.
  ArrivalTimes(const Workload& workload, const std::vector<SimTime>* drawn) : workload_(&workload), drawn_(drawn) {}
  SimTime of(std::uint64_t k) const;  // end_of_time: never

 private:
  const Workload* workload_;
  const std::vector<SimTime>* drawn_;
};

// Hold times, taken one by one. Several processes take from the same drawn ones in turn; whoever needs more than were
// drawn begins again with the first.
class HoldTimes {
 public:
  // `drawn`: not null and not empty for HoldExponential; `taken` counts how many of them are taken already, by all.
  HoldTimes(const Hold& hold, const std::vector<Duration>* drawn, Count& taken)
      : hold_(hold), drawn_(drawn), taken_(&taken) {}
  bool for_ever() const { return std::holds_alternative<HoldForever>(hold_); }
  Duration next();  // Requires: !for_ever().

 private:
  Hold hold_;
  const std::vector<Duration>* drawn_;
  Count* taken_;
};

// The draws for a workload, or null.
template <class Times>
const Times* draws_of(const std::map<std::string, Times>& drawn, const std::string& workload) {
  const auto found = drawn.find(workload);
  return found == drawn.end() ? nullptr : &found->second;
}

// Is everything drawn that chance decides in the scenario?
bool draws_are_there(const Scenario& scenario, const DrawnTimes& drawn);

}  // namespace netlimits::live
