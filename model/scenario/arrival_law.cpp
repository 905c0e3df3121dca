// The laws of arrivals in whole numbers.
#include "model/scenario/arrival_law.hpp"

#include <algorithm>
#include <boost/multiprecision/cpp_int.hpp>

#include "model/net/bounded_time.hpp"

namespace netlimits {
namespace {

using Wide = boost::multiprecision::int256_t;

// Twice `over` times the number of thousandths of connections begun by t, times nanoseconds per second.
Wide ramp_progress(const RampRate& ramp, std::int64_t t) {
  const Wide from = ramp.from_milli;
  const Wide to = ramp.to_milli;
  return 2 * from * t * ramp.over.count() + (to - from) * t * t;
}

// The first nanosecond by which so much has been begun. Requires: it has by the end of the ramp. The root of the law is
// rounded, so that it is looked for around there.
std::int64_t first_with(const RampRate& ramp, const Wide& wanted) {
  const std::int64_t over = ramp.over.count();
  const Wide begin = Wide(2) * ramp.from_milli * over;
  const Wide slope = Wide(ramp.to_milli) - Wide(ramp.from_milli);
  const Wide square = begin * begin + 4 * slope * wanted;
  const Wide both = begin + (square > 0 ? Wide(sqrt(square)) : Wide(0));
  const Wide near = both > 0 ? Wide(2 * wanted / both) : Wide(0);
  std::int64_t high = near < over ? static_cast<std::int64_t>(near) : over;
  std::int64_t low = high;
  for (std::int64_t step = 1; low > 0 && ramp_progress(ramp, low) >= wanted; step *= 2) {
    high = low;
    low = std::max<std::int64_t>(0, low - step);
  }
  for (std::int64_t step = 1; ramp_progress(ramp, high) < wanted; step *= 2) {
    low = high + 1;
    high = step < over - high ? high + step : over;
  }
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (ramp_progress(ramp, middle) >= wanted) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace

Duration ramp_arrival(const RampRate& ramp, std::uint64_t k) {
  const std::int64_t over = ramp.over.count();
  const Wide wanted = Wide(k) * milli_per_arrival * nanoseconds_per_second * 2 * over;
  if (over > 0 && ramp_progress(ramp, over) >= wanted) return Duration(first_with(ramp, wanted));
  if (ramp.to_milli == 0) return end_of_time.time_since_epoch();
  const Wide done = over > 0 ? ramp_progress(ramp, over) : Wide(0);
  const Wide left = over > 0 ? wanted - done : Wide(k) * milli_per_arrival * nanoseconds_per_second;
  const Wide speed = over > 0 ? Wide(ramp.to_milli) * 2 * over : Wide(ramp.to_milli);
  const Wide at = over + (left + speed - 1) / speed;
  const Wide last = end_of_time.time_since_epoch().count();
  return Duration(static_cast<std::int64_t>(at < last ? at : last));
}

std::optional<SimTime> arrival_by_law(const Arrivals& law, SimTime start, std::uint64_t k) {
  if (std::holds_alternative<PoissonRate>(law)) return std::nullopt;
  if (const auto* constant = std::get_if<ConstantRate>(&law))
    return later(start, bounded_product(constant->interval, k));
  if (const auto* ramp = std::get_if<RampRate>(&law)) return later(start, ramp_arrival(*ramp, k));
  return start;
}

std::optional<SimTime> last_arrival_by_law(const Workload& workload) {
  if (workload.connections == 0) return workload.start;
  return arrival_by_law(workload.arrivals, workload.start, workload.connections - 1);
}

std::uint64_t begun_by_law(const Workload& workload, SimTime moment) {
  std::uint64_t low = 0;
  std::uint64_t high = workload.connections;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (*arrival_by_law(workload.arrivals, workload.start, middle) <= moment) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace netlimits
