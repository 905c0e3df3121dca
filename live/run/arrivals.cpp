// Arrival and hold times of each law, or read from what was drawn beforehand.
#include "live/run/arrivals.hpp"

#include <algorithm>
#include <boost/random/exponential_distribution.hpp>
#include <cmath>
#include <variant>

namespace netlimits::live {
namespace {

constexpr double nanoseconds_per_second = 1e9;
constexpr double milli = 1000.0;

Duration exponential(boost::random::mt19937_64& engine, double mean_nanoseconds) {
  boost::random::exponential_distribution<double> unit(1.0);
  return Duration(std::llround(unit(engine) * mean_nanoseconds));
}

// The inverse of k = from t + (to - from) t^2 / (2 over), then a constant rate `to`. Real time is not exact to the
// nanosecond, so floating point will do here.
SimTime ramp_time(const RampRate& ramp, SimTime start, std::uint64_t k) {
  const double from = static_cast<double>(ramp.from_milli) / milli;
  const double to = static_cast<double>(ramp.to_milli) / milli;
  const double over = static_cast<double>(ramp.over.count()) / nanoseconds_per_second;
  const double wanted = static_cast<double>(k);
  const double in_ramp = (from + to) / 2 * over;
  double seconds = 0;
  if (wanted <= in_ramp && over > 0) {
    const double slope = (to - from) / over;
    seconds = slope == 0 ? wanted / from : (std::sqrt(std::max(0.0, from * from + 2 * slope * wanted)) - from) / slope;
  } else {
    if (ramp.to_milli == 0) return end_of_time;
    seconds = over + (wanted - in_ramp) / to;
  }
  return start + Duration(std::llround(seconds * nanoseconds_per_second));
}

}  // namespace

ArrivalTimes::ArrivalTimes(const Workload& workload, std::uint64_t seed, const std::vector<SimTime>* drawn)
    : workload_(&workload), engine_(seed), given_(drawn) {}

SimTime ArrivalTimes::of(std::uint64_t k) {
  if (given_ != nullptr) return k < given_->size() ? (*given_)[k] : end_of_time;
  if (const auto* constant = std::get_if<ConstantRate>(&workload_->arrivals))
    return workload_->start + constant->interval * static_cast<std::int64_t>(k);
  if (const auto* ramp = std::get_if<RampRate>(&workload_->arrivals)) return ramp_time(*ramp, workload_->start, k);
  if (const auto* poisson = std::get_if<PoissonRate>(&workload_->arrivals)) {
    if (poisson->per_second_milli == 0) return end_of_time;
    const double mean = milli * nanoseconds_per_second / static_cast<double>(poisson->per_second_milli);
    for (; drawn_ <= k; ++drawn_) poisson_ += exponential(engine_, mean);
    return workload_->start + poisson_;
  }
  return workload_->start;
}

Duration HoldTimes::next() {
  if (const auto* constant = std::get_if<HoldConstant>(&hold_)) return constant->time;
  if (drawn_ != nullptr) {
    const std::uint64_t index = (*taken_)++;
    if (index < drawn_->size()) return (*drawn_)[index];
  }
  return exponential(engine_, static_cast<double>(std::get<HoldExponential>(hold_).mean.count()));
}

}  // namespace netlimits::live
