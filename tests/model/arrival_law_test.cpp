// The exact laws of arrivals.
#include "model/scenario/arrival_law.hpp"

#include <rapidcheck.h>

#include <boost/multiprecision/cpp_int.hpp>

#include "tests/catch.hpp"

using namespace netlimits;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr SimTime start = time_zero + seconds(2);

}  // namespace

TEST_CASE("a constant rate begins at the start and keeps its interval to the nanosecond") {
  CHECK(arrival_by_law(ConstantRate{milliseconds(1)}, start, 0) == start);
  CHECK(arrival_by_law(ConstantRate{milliseconds(1)}, start, 28'232) == start + milliseconds(28'232));
  CHECK(arrival_by_law(ConstantRate{Duration(333'333'333)}, start, 3'000'000) ==
        start + Duration(333'333'333) * 3'000'000);
}

TEST_CASE("all at once is all at the start, and a Poisson process has no law that says when") {
  CHECK(arrival_by_law(AtOnce{}, start, 3) == start);
  CHECK_FALSE(arrival_by_law(PoissonRate{1000}, start, 0).has_value());
}

TEST_CASE("what a ramp never lets begin comes at the end of time, whatever the start") {
  const RampRate down{.from_milli = 1'000'000, .to_milli = 0, .over = seconds(10)};
  CHECK(arrival_by_law(down, start, 5'000) == start + seconds(10));
  CHECK(arrival_by_law(down, start, 5'001) == end_of_time);
}

TEST_CASE("what is centuries away comes at the end of time") {
  constexpr Duration century = std::chrono::hours(24 * 36500);
  CHECK(arrival_by_law(ConstantRate{century}, start, 2) == start + century * 2);
  CHECK(arrival_by_law(ConstantRate{century}, start, 3) == end_of_time);
  CHECK(arrival_by_law(ConstantRate{Duration(1)}, start, ~std::uint64_t{0}) == end_of_time);
  const RampRate slow{.from_milli = 0, .to_milli = 1, .over = century};
  CHECK(ramp_arrival(slow, 100'000'000) == end_of_time.time_since_epoch());
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

TEST_CASE("a connection of a ramp begins in the first nanosecond by which the ramp has let so many begin") {
  using Wide = boost::multiprecision::int256_t;
  CHECK(rc::check([] {
    const RampRate ramp{.from_milli = *rc::gen::inRange<std::uint64_t>(0, 2'000'000'000),
                        .to_milli = *rc::gen::inRange<std::uint64_t>(0, 2'000'000'000),
                        .over = Duration(*rc::gen::inRange<std::int64_t>(1, 1'000'000'000'000'000'000))};
    const std::int64_t over = ramp.over.count();
    // The area under the rate up to t, times 2 * over * 10^12.
    const auto begun = [&](std::int64_t t) {
      const Wide from = ramp.from_milli;
      return Wide(2 * from * t * over + (Wide(ramp.to_milli) - from) * t * t);
    };
    const Wide one = Wide(2) * over * 1'000'000'000'000;
    const Wide in_all = begun(over) / one;
    const std::uint64_t last =
        in_all > 1'000'000'000'000'000 ? 1'000'000'000'000'000 : static_cast<std::uint64_t>(in_all);
    const auto k = *rc::gen::oneOf(rc::gen::inRange<std::uint64_t>(0, last + 1), rc::gen::just(last));
    const std::int64_t at = ramp_arrival(ramp, k).count();
    RC_ASSERT(begun(at) >= one * k);
    RC_ASSERT(at == 0 || begun(at - 1) < one * k);
  }));
}
