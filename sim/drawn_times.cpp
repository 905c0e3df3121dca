#include "sim/drawn_times.hpp"

#include <variant>

#include "sim/arrival_schedule.hpp"
#include "sim/random_stream.hpp"

namespace netlimits::sim {

DrawnTimes drawn_times(const Scenario& scenario) {
  DrawnTimes drawn;
  for (const auto& [name, workload] : scenario.workloads) {
    if (std::holds_alternative<PoissonRate>(workload.arrivals)) {
      ArrivalSchedule schedule(workload, RandomStream(scenario.seed, "arrivals of " + name));
      std::vector<SimTime>& arrivals = drawn.arrivals[name];
      while (!schedule.exhausted()) arrivals.push_back(schedule.next());
    }
    if (const auto* exponential = std::get_if<HoldExponential>(&workload.hold)) {
      RandomStream holds(scenario.seed, "holds of " + name);
      std::vector<Duration>& drawn_holds = drawn.holds[name];
      for (std::uint64_t i = 0; i < 2 * workload.connections; ++i)
        drawn_holds.push_back(holds.exponential(exponential->mean));
    }
  }
  return drawn;
}

}  // namespace netlimits::sim
