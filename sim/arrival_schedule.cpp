// Arrival times one after another: by law, or drawn.
#include "sim/arrival_schedule.hpp"

#include "model/net/bounded_time.hpp"
#include "model/scenario/arrival_law.hpp"

namespace netlimits::sim {

ArrivalSchedule::ArrivalSchedule(const Workload& workload, RandomStream stream)
    : law_(workload.arrivals),
      start_(workload.start),
      last_(workload.start),
      total_(workload.connections),
      stream_(stream) {}

SimTime ArrivalSchedule::time_of(std::uint64_t k) {
  if (const auto by_law = arrival_by_law(law_, start_, k)) return *by_law;
  const auto& poisson = std::get<PoissonRate>(law_);
  const Duration mean(milli_per_arrival * nanoseconds_per_second / static_cast<std::int64_t>(poisson.per_second_milli));
  return later(last_, stream_.exponential(mean));
}

SimTime ArrivalSchedule::next() {
  last_ = time_of(given_++);
  return last_;
}

}  // namespace netlimits::sim
