// Fixed draws, and that streams differ by name and seed.
#include "sim/random_stream.hpp"

#include "tests/catch.hpp"

namespace netlimits::sim {
namespace {

TEST_CASE("a stream gives the same draws on every machine") {
  RandomStream stream(1, "ports of client");
  // Fixed figures: a change of the engine, the seeding or the library would change every published result.
  CHECK(stream.bits() == 2671821280U);
  CHECK(stream.exponential(std::chrono::seconds(60)) == Duration(34138495577));
}

TEST_CASE("what is drawn of a mean of centuries is a time, if need be the longest") {
  RandomStream stream(1, "holds of load");
  std::size_t longest = 0;
  for (int i = 0; i < 100; ++i) {
    const Duration drawn = stream.exponential(std::chrono::hours(24 * 36500));
    CHECK(drawn >= Duration::zero());
    if (drawn == Duration::max()) ++longest;
  }
  // The clock holds 2.92 of these means, and e^-2.92 of the draws are longer: some five of a hundred.
  CHECK(longest > 0);
  CHECK(longest < 20);
}

TEST_CASE("streams of other names and other seeds are other streams") {
  RandomStream stream(1, "a");
  RandomStream other_name(1, "b");
  RandomStream other_seed(2, "a");
  RandomStream same(1, "a");
  const auto first = stream.bits();
  CHECK(first == same.bits());
  CHECK(first != other_name.bits());
  CHECK(first != other_seed.bits());
}

}  // namespace
}  // namespace netlimits::sim
