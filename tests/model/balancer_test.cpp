// Whose turn it is in a rotation, also when back ends go and come.
#include "model/path/balancer.hpp"

#include <rapidcheck.h>

#include "tests/catch.hpp"

using namespace netlimits;

TEST_CASE("back ends take turns in the order of the list") {
  RoundRobin rotation(3);
  for (int round = 0; round < 4; ++round) {
    for (std::size_t expected = 0; expected < 3; ++expected) CHECK(rotation.next() == expected);
  }
}

TEST_CASE("a back end that is down loses its turns, the others keep their order") {
  RoundRobin rotation(3);
  CHECK(rotation.next() == 0U);
  rotation.set_up(1, false);
  CHECK(rotation.next() == 2U);
  CHECK(rotation.next() == 0U);
  CHECK(rotation.next() == 2U);
  rotation.set_up(1, true);
  CHECK(rotation.next() == 0U);
  CHECK(rotation.next() == 1U);
  CHECK(rotation.next() == 2U);
}

TEST_CASE("nobody is chosen while all are down, and no turn is lost") {
  RoundRobin rotation(2);
  CHECK(rotation.next() == 0U);
  rotation.set_up(0, false);
  rotation.set_up(1, false);
  rotation.set_up(1, false);
  CHECK(rotation.up_count() == 0);
  CHECK_FALSE(rotation.next());
  rotation.set_up(0, true);
  rotation.set_up(1, true);
  CHECK(rotation.next() == 1U);
  CHECK_FALSE(RoundRobin(0).next());
}

TEST_CASE("the closed form of a share is what the rotation gives") {
  CHECK(rc::check([] {
    const auto back_ends = *rc::gen::inRange<std::size_t>(1, 12);
    const auto connections = *rc::gen::inRange<std::uint64_t>(0, 200);
    RoundRobin rotation(back_ends);
    std::vector<std::uint64_t> given(back_ends);
    for (std::uint64_t k = 0; k < connections; ++k) ++given[rotation.next().value()];
    for (std::size_t i = 0; i < back_ends; ++i) RC_ASSERT(given[i] == round_robin_share(connections, back_ends, i));
  }));
}

TEST_CASE("in any history those that are up differ by at most one turn between two changes") {
  CHECK(rc::check([] {
    const auto back_ends = *rc::gen::inRange<std::size_t>(1, 8);
    RoundRobin rotation(back_ends);
    const auto changes = *rc::gen::container<std::vector<std::pair<std::uint8_t, bool>>>(
        rc::gen::pair(rc::gen::arbitrary<std::uint8_t>(), rc::gen::arbitrary<bool>()));
    for (const auto& [which, up] : changes) {
      rotation.set_up(which % back_ends, up);
      std::vector<std::uint64_t> given(back_ends);
      for (int k = 0; k < 20; ++k) {
        const auto chosen = rotation.next();
        RC_ASSERT(chosen.has_value() == (rotation.up_count() > 0));
        if (chosen) ++given[*chosen];
      }
      for (std::size_t i = 0; i < back_ends; ++i) {
        if (!rotation.is_up(i)) {
          RC_ASSERT(given[i] == 0U);
          continue;
        }
        RC_ASSERT(given[i] == 20 / rotation.up_count() || given[i] == 20 / rotation.up_count() + 1);
      }
    }
  }));
}
