// The bounds of a hash's deal against many deals by a draw.
#include "analysis/hashed_shares.hpp"

#include <rapidcheck.h>

#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <vector>

#include "tests/catch.hpp"

using namespace netlimits::analysis;

TEST_CASE("one listener gets everything, and all that it can hold is kept") {
  CHECK(hashed_share(4'000, 1) == Interval{4'000, 4'000});
  CHECK(kept_of_hashed(4'000, 1, 1'020) == Interval{1'020, 1'020});
  CHECK(kept_of_hashed(900, 1, 1'020) == Interval{900, 900});
}

TEST_CASE("an even deal is the best one, and room for the largest share keeps all") {
  const Interval kept = kept_of_hashed(4'000, 4, 1'020);
  CHECK(kept.max == 4'000);
  CHECK(kept.min > 3'500);
  CHECK(kept.min < 3'990);
  CHECK(kept_of_hashed(4'000, 4, 4'000) == Interval{4'000, 4'000});
  CHECK(kept_of_hashed(4'000, 4, 100) == Interval{400, 400});
}

TEST_CASE("no deal that a draw gives lies outside the bounds") {
  boost::random::mt19937 engine(1);
  CHECK(rc::check([&](std::uint16_t connections) {
    const auto listeners = *rc::gen::inRange<std::uint64_t>(1, 17);
    const auto each = *rc::gen::inRange<std::uint64_t>(0, 2'000);
    std::vector<std::uint64_t> shares(listeners);
    boost::random::uniform_int_distribution<std::size_t> pick(0, listeners - 1);
    for (std::uint16_t i = 0; i < connections; ++i) ++shares[pick(engine)];
    std::uint64_t kept = 0;
    for (const std::uint64_t share : shares) {
      RC_ASSERT(hashed_share(connections, listeners).contains(share));
      kept += std::min(share, each);
    }
    RC_ASSERT(kept_of_hashed(connections, listeners, each).contains(kept));
  }));
}
