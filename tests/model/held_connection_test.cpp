// Connections that a host has already when it begins.
#include <vector>

#include "tests/catch.hpp"
#include "tests/model/host_world.hpp"

using namespace netlimits;
using namespace netlimits::test;

namespace {

const Endpoint web{*IpAddress::parse("198.51.100.1"), Port{443}};
const Endpoint other_service{*IpAddress::parse("198.51.100.1"), Port{444}};

Outside world_of_four_ports(TimeWaitReuse reuse = TimeWaitReuse::never) {
  Outside outside;
  outside.settings.local_port_range = {Port{40000}, Port{40003}};
  outside.settings.time_wait_reuse = reuse;
  return outside;
}

// Holds one connection from 192.0.2.8 that has so long yet.
void hold(World& world, std::uint16_t port, Endpoint to, HeldConnectionState state = HeldConnectionState::open,
          Duration ends_after = {}) {
  const auto held = world.host().hold_connection(
      world.process(), {{endpoint("192.0.2.8", port), to}, state, ends_after}, world.now, world.effects);
  REQUIRE(held);
  world.settle(0);
}

// How many more sockets connect() gives a port towards there.
std::size_t more(World& world, Endpoint to) {
  std::size_t count = 0;
  while (!world.connect(world.tcp(), to)) ++count;
  CHECK(world.refusal->limit == Limit::ephemeral_ports);
  CHECK(world.refusal->error == Error::eaddrnotavail);
  return count;
}

}  // namespace

TEST_CASE("a held connection takes its port towards its own destination and nowhere else") {
  World world(world_of_four_ports());
  hold(world, 40001, web);
  hold(world, 40002, web);
  CHECK(more(world, web) == 2);
  CHECK(more(world, other_service) == 4);
}

TEST_CASE("a held connection costs neither a descriptor nor an open file") {
  World world(world_of_four_ports());
  const DescriptorUse before = world.host().descriptors(world.process());
  const std::uint64_t files = world.host().files().open;
  hold(world, 40001, web);
  hold(world, 40002, web, HeldConnectionState::time_wait, std::chrono::seconds(30));
  CHECK(world.host().descriptors(world.process()).open == before.open);
  CHECK(world.host().files().open == files);
}

TEST_CASE("a held connection is connect-bound: bind(address, 0) passes it over on its own address only") {
  World world(world_of_four_ports());
  hold(world, 40001, web);
  std::vector<SocketId> bound;
  for (int i = 0; i < 3; ++i) bound.push_back(world.bound(endpoint("192.0.2.8", 0)));
  CHECK_FALSE(world.last);
  world.bound(endpoint("192.0.2.8", 0));
  CHECK(world.last == Error::eaddrinuse);
  for (int i = 0; i < 4; ++i) world.bound(endpoint("127.0.0.1", 0));
  CHECK_FALSE(world.last);
}

TEST_CASE("the same four-tuple cannot be held twice") {
  World world(world_of_four_ports());
  hold(world, 40001, web);
  const auto again = world.host().hold_connection(
      world.process(), {{endpoint("192.0.2.8", 40001), web}, HeldConnectionState::open, {}}, world.now, world.effects);
  REQUIRE_FALSE(again);
  CHECK(again.error().limit == Limit::four_tuple);
}

TEST_CASE("an entry from before holds its four-tuple for the rest of its time") {
  for (const HeldConnectionState state : {HeldConnectionState::time_wait, HeldConnectionState::fin_wait_2}) {
    World world(world_of_four_ports());
    hold(world, 40001, web, state, std::chrono::seconds(20));
    CHECK(world.host().time_wait_entries() == 1);
    CHECK(more(world, web) == 3);
    world.advance(std::chrono::seconds(19));
    CHECK(more(world, web) == 0);
    world.advance(std::chrono::seconds(1));
    CHECK(world.host().time_wait_entries() == 0);
    CHECK(more(world, web) == 1);
  }
}

TEST_CASE("connect() takes over a TIME_WAIT entry from before once it is old enough, and never a FIN_WAIT_2 entry") {
  World world(world_of_four_ports(TimeWaitReuse::always));
  hold(world, 40000, web, HeldConnectionState::time_wait, std::chrono::milliseconds(59'500));  // 0.5 s old
  hold(world, 40001, web, HeldConnectionState::time_wait, std::chrono::milliseconds(59'000));  // 1 s old
  hold(world, 40002, web, HeldConnectionState::time_wait, std::chrono::milliseconds(1));
  hold(world, 40003, web, HeldConnectionState::fin_wait_2, std::chrono::seconds(10));
  CHECK(more(world, web) == 2);
  world.advance(std::chrono::milliseconds(500));
  CHECK(more(world, web) == 1);
}

TEST_CASE("entries from before count against tcp_max_tw_buckets") {
  Outside outside = world_of_four_ports();
  outside.settings.max_time_wait_buckets = 1;
  World world(outside);
  hold(world, 40000, web, HeldConnectionState::time_wait, std::chrono::seconds(30));
  const auto second = world.host().hold_connection(
      world.process(), {{endpoint("192.0.2.8", 40001), web}, HeldConnectionState::time_wait, std::chrono::seconds(30)},
      world.now, world.effects);
  REQUIRE_FALSE(second);
  CHECK(second.error().limit == Limit::time_wait_buckets);
}
