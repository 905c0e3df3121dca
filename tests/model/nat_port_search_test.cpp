// The bounded search for a port.
#include "model/path/nat_port_search.hpp"

#include <set>
#include <vector>

#include "tests/catch.hpp"

namespace netlimits {
namespace {

PortRange range_of(std::uint32_t size) { return {Port{10'000}, Port{static_cast<std::uint16_t>(10'000 + size - 1)}}; }

// Offsets in turn; the last one again and again.
struct Offsets {
  std::vector<std::uint32_t> numbers;
  std::size_t next = 0;
  std::uint32_t operator()() { return numbers[std::min(next++, numbers.size() - 1)]; }
};

TEST_CASE("a range of up to 128 ports is looked through once, whole") {
  for (const std::uint32_t size : {1U, 64U, 128U}) {
    std::set<Port> tested;
    std::uint64_t tests = 0;
    const auto found = search_nat_port(
        range_of(size),
        [&](Port port) {
          ++tests;
          tested.insert(port);
          return NatPort::taken;
        },
        Offsets{{77}});
    CHECK_FALSE(found);
    CHECK(tests == size);
    CHECK(tested.size() == size);
  }
}

TEST_CASE("a larger one is given up after 128, 64, 32, 16 and 8 tests, each round from an offset of its own") {
  std::vector<std::uint16_t> tested;
  const auto found = search_nat_port(
      range_of(10'000),
      [&](Port port) {
        tested.push_back(static_cast<std::uint16_t>(port.value - 10'000));
        return NatPort::taken;
      },
      Offsets{{0, 1'000, 2'000, 3'000, 4'000}});
  CHECK_FALSE(found);
  REQUIRE(tested.size() == 248);
  CHECK(tested[127] == 127);
  CHECK(tested[128] == 1'000);
  CHECK(tested[192] == 2'000);
  CHECK(tested[224] == 3'000);
  CHECK(tested[240] == 4'000);
  CHECK(tested[247] == 4'007);
}

TEST_CASE("the first free one after the offset is taken, round the end of the range") {
  const auto found = search_nat_port(
      range_of(100), [](Port port) { return port.value == 10'003 ? NatPort::free : NatPort::taken; }, Offsets{{98}});
  CHECK(found == Port{10'003});
}

TEST_CASE("one that is over gives its port up in the last 32 tests of a round only") {
  const auto first_tested = [](std::uint32_t size) {
    return *search_nat_port(
        range_of(size), [](Port) { return NatPort::over; }, Offsets{{0}});
  };
  CHECK(first_tested(20) == Port{10'000});
  CHECK(first_tested(100) == Port{10'068});
  CHECK(first_tested(5'000) == Port{10'096});
}

}  // namespace
}  // namespace netlimits
