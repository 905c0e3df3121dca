// A server that accepts at a pace of its own sustains no more than that, whatever ports and descriptors there are.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/churn/steady_state.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

// Lowers what is sustained to the pace at which the slowest listener accepts of those that a workload's connections
// take in turn; of one that never accepts, to nothing. Workloads that share a listener share its pace.
// Whether clients find its queue full is told of it, however narrow other stages are.
void bound_by_accept_rates(std::vector<SteadyState>& states, const Scenario& scenario, const Wiring& wiring);

// Where connections that stay come faster than such a program accepts, its queue may be full before it has all of them,
// whatever room there is in the end.
struct Overflowing {
  PlacedLimit limit{};
  std::uint64_t room = 0;  // for so many at once
};
std::vector<Overflowing> queues_that_may_overflow(const Scenario& scenario, const Wiring& wiring);

}  // namespace netlimits::analysis
