// A property of any scenario with one group "server": what is accepted of a run is what the capacity says.
#pragma once

#include <rapidcheck.h>

#include "analysis/capacity.hpp"
#include "sim/replay.hpp"

namespace netlimits::analysis {

inline void run_holds_what_is_claimed(const Scenario& scenario) {
  const Capacity found = capacity(scenario);
  const RunResult result = sim::replay(scenario);
  std::uint64_t accepted = 0;
  for (const auto& [name, process] : result.hosts.at("server").processes) accepted += process.accepted;
  RC_ASSERT(accepted >= found.capacity.min);
  RC_ASSERT(accepted <= found.capacity.max);
  for (const LimitUse& use : result.limits) RC_ASSERT(use.peak <= use.capacity);
}

}  // namespace netlimits::analysis
