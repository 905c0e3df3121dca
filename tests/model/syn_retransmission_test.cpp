// A SYN that nobody answers: when it is repeated, and when it is given up.
#include <cstdint>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/model/host_world.hpp"

using namespace netlimits;
using namespace netlimits::test;
using namespace std::chrono_literals;

TEST_CASE("an unanswered SYN is repeated at 1, 2, 3, 4, 5, 7, 11, 19, 35 and 67 s and given up at 131 s") {
  Outside here;
  here.addresses = {"198.51.100.1/24"};
  const auto schedule = [&](bool linear) {
    here.rules.set(Rule::connect_linear_syn_timeouts, linear);
    World world(here);
    const SocketId socket = world.tcp();
    REQUIRE_FALSE(world.connect(socket, endpoint("198.51.100.2", 80)));
    world.failures.clear();
    world.advance(131s - 1ns);
    if (linear) CHECK(world.failures.empty());
    world.advance(1ns);
    REQUIRE(world.failures.size() == 1);
    CHECK(world.failures[0].error->error == Error::etimedout);
    std::vector<int> sent_at;
    for (const auto& [at, segment] : world.sent)
      sent_at.push_back(static_cast<int>(std::chrono::duration_cast<std::chrono::seconds>(at - time_zero).count()));
    return sent_at;
  };
  CHECK(schedule(true) == std::vector<int>{0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67});
  CHECK(schedule(false) == std::vector<int>{0, 1, 3, 7, 15, 31, 63});
}

// Measured on 6.18, to the second, for each pair.
TEST_CASE("few repetitions of a SYN end with the time that as many doubling ones take") {
  Outside here;
  here.addresses = {"198.51.100.1/24"};
  const auto given_up_after = [&](std::uint32_t retries, std::uint32_t linear) {
    here.settings.syn_retries = retries;
    here.settings.syn_linear_timeouts = linear;
    World world(here);
    const SocketId socket = world.tcp();
    REQUIRE_FALSE(world.connect(socket, endpoint("198.51.100.2", 80)));
    for (int second = 1; second < 200; ++second) {
      world.failures.clear();
      world.advance(1s);
      if (!world.failures.empty()) return second;
    }
    return 0;
  };
  CHECK(given_up_after(1, 0) == 3);
  CHECK(given_up_after(1, 1) == 4);
  CHECK(given_up_after(1, 4) == 3);
  CHECK(given_up_after(2, 1) == 8);
  CHECK(given_up_after(2, 4) == 7);
  CHECK(given_up_after(3, 1) == 16);
  CHECK(given_up_after(3, 2) == 17);
  CHECK(given_up_after(3, 4) == 19);
  CHECK(given_up_after(4, 1) == 32);
  CHECK(given_up_after(4, 4) == 35);
  CHECK(given_up_after(5, 4) == 67);
}
