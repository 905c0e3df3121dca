// When the connections of a workload begin, for every law that chance has no part in: exact whole nanoseconds.
#pragma once

#include <cstdint>
#include <optional>

#include "model/scenario/scenario.hpp"

namespace netlimits {

// Rates are kept in thousandths of an arrival a second.
inline constexpr std::int64_t milli_per_arrival = 1000;
inline constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;

// When connection `k` (from 0) of a workload with this start begins; end_of_time: never. Nothing: the law draws
// (PoissonRate), see model/scenario/drawn_times.hpp.
std::optional<SimTime> arrival_by_law(const Arrivals& law, SimTime start, std::uint64_t k);

// When the last one begins; the start, if there is none. Nothing, as above: the law draws.
std::optional<SimTime> last_arrival_by_law(const Workload& workload);

// How many have begun by then, the moment itself included. Requires: chance has no part in it.
std::uint64_t begun_by_law(const Workload& workload, SimTime moment);

// The time after the start at which a rate that grows linearly has let `k` connections begin: the least t with
// from * t + (to - from) * t^2 / (2 * over) >= k while t <= over, and a constant rate `to` afterwards.
// A ramp that ends at rate 0 never lets more begin: end_of_time then.
Duration ramp_arrival(const RampRate& ramp, std::uint64_t k);

}  // namespace netlimits
