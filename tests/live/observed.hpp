// One run of a scenario on this machine's kernel, as a test wants it: it took place, and within a minute.
#pragma once

#include <chrono>
#include <string>

#include "live/run/observe.hpp"
#include "tests/catch.hpp"

namespace netlimits::live {

inline Observation observed(const Scenario& scenario, const ObserveOptions& options = {}) {
  ObserveOptions bounded = options;
  bounded.at_most = std::chrono::seconds(60);
  Observation observation = observe(scenario, bounded);
  INFO((observation.undetermined.empty() ? std::string() : observation.undetermined.front().why));
  REQUIRE(observation.ran);
  return observation;
}

}  // namespace netlimits::live
