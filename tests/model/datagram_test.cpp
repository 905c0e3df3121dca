// UDP sockets: who shares a port, who gets a datagram, what disconnecting gives back.
#include "model/systems/rule_book.hpp"
#include "tests/catch.hpp"
#include "tests/model/host_world.hpp"

using namespace netlimits;
using namespace netlimits::test;

namespace {

std::optional<Error> bind_udp(World& world, SocketId socket, Endpoint to) {
  return World::error_of(world.host().bind(socket, to, {}));
}

SocketId udp_with(World& world, const std::vector<Option>& options) {
  const SocketId socket = world.udp();
  for (const Option option : options) (void)world.host().set_option(socket, option, 1);
  return socket;
}

}  // namespace

TEST_CASE("datagram sockets share a port by SO_REUSEADDR on both, or SO_REUSEPORT on both of one user") {
  struct Row {
    std::vector<Option> first;
    std::vector<Option> second;
    bool may;
  };
  for (const Row& row : {Row{{}, {}, false}, Row{{Option::reuse_address}, {Option::reuse_address}, true},
                         Row{{Option::reuse_address}, {}, false}, Row{{Option::reuse_port}, {Option::reuse_port}, true},
                         Row{{Option::reuse_port}, {Option::reuse_address}, false}}) {
    World world;
    REQUIRE_FALSE(bind_udp(world, udp_with(world, row.first), endpoint("127.0.0.1", 7000)));
    CHECK(bind_udp(world, udp_with(world, row.second), endpoint("127.0.0.1", 7000)).has_value() == !row.may);
  }
}

TEST_CASE("UDP and TCP have ports of their own") {
  World world;
  REQUIRE_FALSE(bind_udp(world, world.udp(), endpoint("127.0.0.1", 7000)));
  world.bound(endpoint("127.0.0.1", 7000));
  CHECK_FALSE(world.last);
}

TEST_CASE("an automatic datagram port is taken from every other socket; none left is EAGAIN at connect and send") {
  Outside outside;
  outside.settings.local_port_range = {Port{40000}, Port{40004}};
  World world(outside);
  for (int i = 0; i < 5; ++i) REQUIRE_FALSE(bind_udp(world, world.udp(), endpoint("0.0.0.0", 0)));
  CHECK(bind_udp(world, world.udp(), endpoint("0.0.0.0", 0)) == Error::eaddrinuse);
  CHECK(world.connect(world.udp(), endpoint("127.0.0.1", 7000)) == Error::eagain);
  CHECK(World::error_of(world.send(world.udp(), 1, endpoint("127.0.0.1", 7000))) == Error::eagain);
}

TEST_CASE("a datagram arrives whole, at the connected socket first; nobody there is ECONNREFUSED at the next call") {
  World world;
  const SocketId open = udp_with(world, {Option::reuse_address});
  const SocketId connected = udp_with(world, {Option::reuse_address});
  REQUIRE_FALSE(bind_udp(world, open, endpoint("127.0.0.1", 7000)));
  REQUIRE_FALSE(bind_udp(world, connected, endpoint("127.0.0.1", 7000)));
  const SocketId sender = world.udp();
  REQUIRE_FALSE(bind_udp(world, sender, endpoint("127.0.0.1", 7001)));
  REQUIRE_FALSE(world.connect(connected, endpoint("127.0.0.1", 7001)));
  CHECK(world.send(sender, 10, endpoint("127.0.0.1", 7000)).value() == 10);
  CHECK(world.send(sender, 20, endpoint("127.0.0.1", 7000)).value() == 20);
  CHECK(World::error_of(world.receive(open)) == Error::eagain);
  CHECK(world.receive(connected).value() == 10);
  CHECK(world.receive(connected).value() == 20);

  const SocketId lonely = world.udp();
  REQUIRE_FALSE(world.connect(lonely, endpoint("127.0.0.1", 9)));
  CHECK(world.send(lonely, 1).value() == 1);
  CHECK(World::error_of(world.send(lonely, 1)) == Error::econnrefused);
  CHECK(world.send(lonely, 1).value() == 1);
  CHECK(World::error_of(world.receive(lonely)) == Error::econnrefused);
}

TEST_CASE(
    "before 6.13 no list of connected datagram sockets says who was connected last: the last bound takes it all") {
  for (const bool filed : {true, false}) {
    Outside outside;
    outside.rules.set(Rule::datagram_filed, filed);
    World world(outside);
    const SocketId first = udp_with(world, {Option::reuse_address});
    const SocketId last = udp_with(world, {Option::reuse_address});
    REQUIRE_FALSE(bind_udp(world, first, endpoint("127.0.0.1", 7000)));
    REQUIRE_FALSE(bind_udp(world, last, endpoint("127.0.0.1", 7000)));
    const SocketId sender = world.udp();
    REQUIRE_FALSE(bind_udp(world, sender, endpoint("127.0.0.1", 7001)));
    REQUIRE_FALSE(world.connect(last, endpoint("127.0.0.1", 7001)));
    REQUIRE_FALSE(world.connect(first, endpoint("127.0.0.1", 7001)));
    CHECK(world.send(sender, 10, endpoint("127.0.0.1", 7000)).value() == 10);
    CHECK(world.receive(filed ? first : last).value() == 10);
    CHECK(World::error_of(world.receive(filed ? last : first)) == Error::eagain);
  }
}

TEST_CASE("disconnecting a datagram socket gives back what it did not ask for by name") {
  World world;
  const SocketId socket = world.udp();
  REQUIRE_FALSE(world.connect(socket, endpoint("127.0.0.1", 7000)));
  CHECK(world.port(socket) != 0);
  REQUIRE_FALSE(world.disconnect(socket));
  CHECK(world.port(socket) == 0);
  CHECK(world.host().local_name(socket).value().address == address("0.0.0.0"));
  REQUIRE_FALSE(bind_udp(world, socket, endpoint("127.0.0.1", 7005)));
  REQUIRE_FALSE(world.connect(socket, endpoint("127.0.0.1", 7000)));
  REQUIRE_FALSE(world.disconnect(socket));
  CHECK(world.host().local_name(socket).value() == endpoint("127.0.0.1", 7005));
}
