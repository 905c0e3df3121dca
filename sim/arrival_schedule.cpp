#include "sim/arrival_schedule.hpp"

#include <boost/multiprecision/cpp_int.hpp>
#include <utility>

namespace netlimits::sim {
namespace {

using Wide = boost::multiprecision::int256_t;

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;
constexpr std::int64_t milli = 1000;

// Twice `over` times the number of thousandths of connections begun by t, times nanoseconds per second.
Wide ramp_progress(const RampRate& ramp, std::int64_t t) {
  const Wide from = ramp.from_milli;
  const Wide to = ramp.to_milli;
  return 2 * from * t * ramp.over.count() + (to - from) * t * t;
}

}  // namespace

Duration ramp_arrival(const RampRate& ramp, std::uint64_t k) {
  const std::int64_t over = ramp.over.count();
  const Wide wanted = Wide(k) * milli * nanoseconds_per_second * 2 * over;
  if (over > 0 && ramp_progress(ramp, over) >= wanted) {
    std::int64_t low = 0;
    std::int64_t high = over;
    while (low < high) {
      const std::int64_t middle = low + (high - low) / 2;
      if (ramp_progress(ramp, middle) >= wanted) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return Duration(low);
  }
  if (ramp.to_milli == 0) return end_of_time.time_since_epoch();
  const Wide done = over > 0 ? ramp_progress(ramp, over) : Wide(0);
  const Wide left = over > 0 ? wanted - done : Wide(k) * milli * nanoseconds_per_second;
  const Wide speed = over > 0 ? Wide(ramp.to_milli) * 2 * over : Wide(ramp.to_milli);
  return Duration(over + static_cast<std::int64_t>((left + speed - 1) / speed));
}

ArrivalSchedule::ArrivalSchedule(const Workload& workload, RandomStream stream)
    : law_(workload.arrivals),
      start_(workload.start),
      last_(workload.start),
      total_(workload.connections),
      stream_(stream) {}

SimTime ArrivalSchedule::time_of(std::uint64_t k) {
  if (const auto* constant = std::get_if<ConstantRate>(&law_)) {
    return start_ + constant->interval * static_cast<std::int64_t>(k);
  }
  if (const auto* poisson = std::get_if<PoissonRate>(&law_)) {
    const Duration mean(milli * nanoseconds_per_second / static_cast<std::int64_t>(poisson->per_second_milli));
    return last_ + stream_.exponential(mean);
  }
  if (const auto* ramp = std::get_if<RampRate>(&law_)) {
    const Duration after = ramp_arrival(*ramp, k);
    return after == end_of_time.time_since_epoch() ? end_of_time : start_ + after;
  }
  return start_;
}

SimTime ArrivalSchedule::next() {
  last_ = time_of(given_++);
  return last_;
}

}  // namespace netlimits::sim
