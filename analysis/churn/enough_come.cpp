// By how many come on average.
#include "analysis/churn/enough_come.hpp"

#include <string>
#include <variant>
#include <vector>

#include "analysis/churn/rate.hpp"
#include "model/net/bounded_time.hpp"

namespace netlimits::analysis {

bool surely_enough_come(const SteadyState& state, const Scenario& scenario) {
  const std::vector<std::string> alone{state.workload};
  SharedPlaces come;
  bool by_chance = false;
  for (const std::string& name : state.together.empty() ? alone : state.together) {
    const Workload& workload = scenario.workloads.at(name);
    const auto rate = asked_rate(workload);
    if (!rate || workload.start >= *scenario.end) continue;
    by_chance = by_chance || std::holds_alternative<PoissonRate>(workload.arrivals);
    come.add(*rate, 1, 1, *scenario.end - workload.start);
  }
  return !by_chance || come.surely_more_than(bounded_product(state.ports.max, state.pools));
}

}  // namespace netlimits::analysis
