// Each law of arrival: exact times, or means within a few standard deviations.
#include "sim/arrival_schedule.hpp"

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

}  // namespace
}  // namespace netlimits::sim
