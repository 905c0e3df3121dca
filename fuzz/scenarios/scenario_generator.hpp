// Random whole scenarios in small figures: few ports, few descriptors, few addresses, so that limits meet each other.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "model/scenario/scenario.hpp"

namespace netlimits::fuzz {

struct ScenarioOptions {
  // Systems that hosts may have: what scenarios/profiles/ holds, for example. The first one is the usual one. Requires:
  // not empty.
  std::vector<std::shared_ptr<const OsProfile>> profiles{};
  // Of 100 scenarios, how many are plain: every connection is held for ever and nothing happens but arrivals. The
  // others have hold times, retries, events and an end as well.
  std::uint32_t plain_per_cent = 50;
  // Only what a sandbox can be given: no entries of connections that ended before, no table of files of the whole host.
  bool for_a_sandbox = false;
};

// The scenario of this number. Everything is drawn from (seed, number): a case can be repeated by its number. What
// comes out is a checked scenario: the loader of the format accepts it (docs/scenario-format.md), with "no_listener"
// where a destination is not reached. It has neither expectations nor origins, which no engine looks at.
Scenario random_scenario(std::uint64_t seed, std::uint64_t number, const ScenarioOptions& options);

}  // namespace netlimits::fuzz
