// Each law of arrival: exact times, or means within a few standard deviations.
#include "sim/arrival_schedule.hpp"

#include <rapidcheck.h>

#include "tests/catch.hpp"

namespace netlimits::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Workload workload_of(Arrivals arrivals, std::uint64_t connections) {
  Workload workload;
  workload.arrivals = arrivals;
  workload.connections = connections;
  workload.start = time_zero + seconds(2);
  return workload;
}

TEST_CASE("a constant rate begins at the start and keeps its interval exactly") {
  ArrivalSchedule schedule(workload_of(ConstantRate{milliseconds(1)}, 28'233), RandomStream(1, "a"));
  SimTime last;
  std::uint64_t count = 0;
  while (!schedule.exhausted()) {
    last = schedule.next();
    ++count;
  }
  CHECK(count == 28'233);
  CHECK(last == time_zero + seconds(2) + milliseconds(28'232));
}

TEST_CASE("all at once is all at the start") {
  ArrivalSchedule schedule(workload_of(AtOnce{}, 3), RandomStream(1, "a"));
  for (int i = 0; i < 3; ++i) CHECK(schedule.next() == time_zero + seconds(2));
  CHECK(schedule.exhausted());
}

TEST_CASE("Poisson arrivals never go back and keep their mean") {
  ArrivalSchedule schedule(workload_of(PoissonRate{500'000}, 100'000), RandomStream(7, "a"));
  SimTime last = time_zero;
  while (!schedule.exhausted()) {
    const SimTime at = schedule.next();
    REQUIRE(at >= last);
    last = at;
  }
  // 100,000 gaps of mean 2 ms: 200 s, with a standard deviation of 0.63 s.
  CHECK(last - time_zero > seconds(197));
  CHECK(last - time_zero < seconds(207));
}

TEST_CASE("a ramp from nothing lets half as many begin as its last rate would") {
  const RampRate ramp{.from_milli = 0, .to_milli = 1'000'000, .over = seconds(10)};
  CHECK(ramp_arrival(ramp, 0) == Duration(0));
  CHECK(ramp_arrival(ramp, 5'000) == seconds(10));
  CHECK(ramp_arrival(ramp, 5'001) == seconds(10) + milliseconds(1));
  CHECK(ramp_arrival(ramp, 1'250) == seconds(5));
}

TEST_CASE("a ramp down to nothing stops letting connections begin") {
  const RampRate ramp{.from_milli = 1'000'000, .to_milli = 0, .over = seconds(10)};
  CHECK(ramp_arrival(ramp, 5'000) == seconds(10));
  CHECK(ramp_arrival(ramp, 5'001) == end_of_time.time_since_epoch());
}

TEST_CASE("a ramp between equal rates is a constant rate") {
  CHECK(rc::check([](std::uint16_t k) {
    const RampRate ramp{.from_milli = 250'000, .to_milli = 250'000, .over = seconds(30)};
    RC_ASSERT(ramp_arrival(ramp, k) == milliseconds(4) * std::int64_t{k});
  }));
}

}  // namespace
}  // namespace netlimits::sim
