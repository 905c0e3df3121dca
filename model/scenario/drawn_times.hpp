// What was drawn for a scenario: arrivals of Poisson workloads and drawn hold times. An engine that is handed the draws
// of another one is asked about the same course of things, so that their answers can be compared count by count.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/net/time.hpp"

namespace netlimits {

struct DrawnTimes {
  // By workload; only those that draw. The k-th connection begins at arrivals[k].
  std::map<std::string, std::vector<SimTime>> arrivals{};
  // The i-th connection that is established (begun, where the server closes first) is held so long.
  std::map<std::string, std::vector<Duration>> holds{};
};

}  // namespace netlimits
