// TIME_WAIT, FIN_WAIT_2, orphans, resets, connections to oneself.
#include <string>

#include "model/ports/tuple_takeover.hpp"
#include "model/tcp/time_wait.hpp"
#include "tests/catch.hpp"
#include "tests/model/host_world.hpp"

using namespace netlimits;
using namespace netlimits::test;
using namespace std::chrono_literals;

namespace {

struct Pair {
  SocketId client;
  SocketId server;
};

Pair connected(World& world, SocketId listener, Endpoint to = loopback_server) {
  const SocketId client = world.tcp(to.address.family());
  REQUIRE_FALSE(world.connect(client, to));
  return {client, world.accept(listener).value()};
}

Outside ten_ports(TimeWaitReuse reuse, bool timestamps = true) {
  Outside outside;
  outside.settings.local_port_range = {Port{40000}, Port{40009}};
  outside.settings.time_wait_reuse = reuse;
  outside.settings.timestamps = timestamps;
  return outside;
}

// Thirty connections that the client closes first; how many came up.
int short_connections(World& world, SocketId listener, Endpoint to) {
  int up = 0;
  for (int i = 0; i < 30; ++i) {
    const SocketId client = world.tcp();
    if (world.connect(client, to)) continue;
    ++up;
    const SocketId accepted = world.accept(listener).value();
    world.close(client);
    world.close(accepted);
  }
  return up;
}

std::size_t notices_of(const World& world, SocketId socket, NoticeKind kind) {
  return static_cast<std::size_t>(std::count_if(world.notices.begin(), world.notices.end(), [&](const Notice& notice) {
    return notice.socket == socket && notice.kind == kind;
  }));
}

}  // namespace

TEST_CASE("the side that closes first has TIME_WAIT for 60 s, the other side nothing") {
  World world;
  const SocketId listener = world.listener(loopback_server);
  const Pair pair = connected(world, listener);
  world.close(pair.client);
  CHECK(world.state(pair.client) == TcpState::fin_wait_1);
  CHECK(world.state(pair.server) == TcpState::close_wait);
  world.close(pair.server);
  CHECK(world.state(pair.client) == TcpState::time_wait);
  CHECK_FALSE(world.host().alive(pair.server));
  CHECK(world.host().time_wait_count() == 1);
  world.advance(60s - 1ns);
  CHECK(world.host().alive(pair.client));
  CHECK(notices_of(world, pair.client, NoticeKind::gone) == 0);
  world.advance(1ns);
  CHECK_FALSE(world.host().alive(pair.client));
  CHECK(notices_of(world, pair.client, NoticeKind::gone) == 1);
  CHECK(world.host().time_wait_count() == 0);
}

TEST_CASE("FINs that cross leave TIME_WAIT on both sides") {
  World world;
  const Pair pair = connected(world, world.listener(loopback_server));
  std::vector<Segment> held;
  world.dropped = [&](const Segment& segment) {
    held.push_back(segment);
    return true;
  };
  world.close(pair.client);
  world.close(pair.server);
  world.dropped = nullptr;
  for (const Segment& segment : held) world.flying.push_back(segment);
  world.settle(0);
  CHECK(world.state(pair.client) == TcpState::time_wait);
  CHECK(world.state(pair.server) == TcpState::time_wait);
}

TEST_CASE("a reset leaves no TIME_WAIT: SO_LINGER 0, or data that nobody read") {
  World world;
  const SocketId listener = world.listener(loopback_server);
  for (const bool by_linger : {true, false}) {
    const Pair pair = connected(world, listener);
    if (by_linger) {
      REQUIRE(world.host().set_option(pair.client, Option::linger, 0));
    } else {
      REQUIRE(world.send(pair.server, 10).value() == 10);
    }
    world.close(pair.client);
    CHECK_FALSE(world.host().alive(pair.client));
    CHECK(world.state(pair.server) == TcpState::closed);
    CHECK(World::error_of(world.receive(pair.server)) == Error::econnreset);
    CHECK(World::error_of(world.send(pair.server, 1)) == Error::epipe);
    CHECK(world.host().time_wait_count() == 0);
    world.close(pair.server);
  }
}

TEST_CASE("connect() takes a TIME_WAIT entry over as net.ipv4.tcp_tw_reuse says") {
  struct Row {
    TimeWaitReuse reuse;
    const char* to;
    bool timestamps;
    int later;
  };
  for (const Row& row :
       {Row{TimeWaitReuse::never, "127.0.0.1", true, 0}, Row{TimeWaitReuse::always, "127.0.0.1", true, 10},
        Row{TimeWaitReuse::loopback_only, "127.0.0.1", true, 10}, Row{TimeWaitReuse::never, "192.0.2.8", true, 0},
        Row{TimeWaitReuse::always, "192.0.2.8", true, 10}, Row{TimeWaitReuse::loopback_only, "192.0.2.8", true, 0},
        Row{TimeWaitReuse::always, "127.0.0.1", false, 0}}) {
    World world(ten_ports(row.reuse, row.timestamps));
    const SocketId listener = world.listener(endpoint(row.to, 7000));
    INFO(row.to << " mode " << static_cast<int>(row.reuse) << " timestamps " << row.timestamps);
    CHECK(short_connections(world, listener, endpoint(row.to, 7000)) == 10);
    world.advance(999ms);
    CHECK(short_connections(world, listener, endpoint(row.to, 7000)) == 0);
    world.advance(200ms);
    CHECK(short_connections(world, listener, endpoint(row.to, 7000)) == row.later);
    CHECK(world.host().counters().time_wait_recycled == static_cast<std::uint64_t>(row.later));
    CHECK(world.host().time_wait_count() == 10);
  }
}

TEST_CASE("before 6.14 an entry could be taken over once a clock of whole seconds had moved on") {
  Settings settings;
  Rules rules;
  rules.set(Rule::connect_time_wait_delay_set, false);
  CHECK(reusable_from(time_zero + 300ms, settings, rules) == time_zero + 1s);
  CHECK(reusable_from(time_zero + 999ms, settings, rules) == time_zero + 1s);
  CHECK(reusable_from(time_zero + 1s, settings, rules) == time_zero + 2s);
  // A kernel's clock may have moved on at once, or a whole second later.
  CHECK(reusable_from(time_zero + 300ms, settings, rules, SecondsClock::changes_at_once) == time_zero + 300ms);
  CHECK(reusable_from(time_zero + 300ms, settings, rules, SecondsClock::changes_late) == time_zero + 1300ms);
  rules.set(Rule::connect_time_wait_delay_set, true);
  for (const auto clock : {SecondsClock::of_virtual_time, SecondsClock::changes_at_once, SecondsClock::changes_late})
    CHECK(reusable_from(time_zero + 300ms, settings, rules, clock) == time_zero + 1300ms);
}

TEST_CASE("a bound port connects to the same endpoint again at once, whatever tcp_tw_reuse says") {
  World world(ten_ports(TimeWaitReuse::never));
  const SocketId listener = world.listener(loopback_server);
  for (int i = 0; i < 3; ++i) {
    const SocketId client = world.bound(endpoint("127.0.0.1", 40005), {Option::reuse_address});
    REQUIRE_FALSE(world.last);
    REQUIRE_FALSE(world.connect(client, loopback_server));
    const SocketId accepted = world.accept(listener).value();
    world.close(client);
    world.close(accepted);
  }
  world.bound(endpoint("127.0.0.1", 40005));
  CHECK(world.last == Error::eaddrinuse);
}

TEST_CASE("a SYN takes over a TIME_WAIT entry of the server") {
  World world(ten_ports(TimeWaitReuse::never));
  const SocketId listener = world.listener(loopback_server);
  for (int i = 0; i < 3; ++i) {
    const SocketId client = world.bound(endpoint("127.0.0.1", 40005), {Option::reuse_address});
    REQUIRE_FALSE(world.connect(client, loopback_server));
    const SocketId accepted = world.accept(listener).value();
    world.close(accepted);
    world.close(client);
    CHECK(world.state(accepted) == TcpState::time_wait);
    CHECK(world.host().time_wait_count() == 1);
  }
}

TEST_CASE("over tcp_max_tw_buckets a closing socket leaves nothing behind") {
  Outside outside;
  outside.settings.max_time_wait_buckets = 5;
  World world(outside);
  const SocketId listener = world.listener(loopback_server);
  for (int i = 0; i < 20; ++i) {
    const Pair pair = connected(world, listener);
    world.close(pair.client);
    world.close(pair.server);
  }
  CHECK(world.host().time_wait_count() == 5);
  CHECK(world.host().peak_time_wait_entries() == 5);
  CHECK(world.host().counters().time_wait_overflows == 15);
}

TEST_CASE("FIN_WAIT_2 without an owner lasts tcp_fin_timeout; the peer then learns of it by its next send") {
  Outside outside;
  outside.settings.fin_timeout = 3s;
  World world(outside);
  const Pair pair = connected(world, world.listener(loopback_server));
  world.close(pair.client);
  world.advance(4ms);  // the peer's delayed ACK
  CHECK(world.host().time_wait_count() == 0);
  CHECK(world.host().time_wait_entries() == 1);
  world.advance(2999ms);
  CHECK(world.host().alive(pair.client));
  world.advance(1ms);
  CHECK_FALSE(world.host().alive(pair.client));
  CHECK(world.state(pair.server) == TcpState::close_wait);
  CHECK(world.send(pair.server, 1).value() == 1);
  CHECK(World::error_of(world.send(pair.server, 1)) == Error::epipe);
}

TEST_CASE(
    "the first FIN is acknowledged at the next tick, 40 ms later once data has come, or with what the peer sends") {
  for (const bool data : {false, true}) {
    World world;
    const Pair pair = connected(world, world.listener(loopback_server));
    if (data) REQUIRE(world.send(pair.client, 1).value() == 1);
    CHECK_FALSE(world.shutdown(pair.client, false, true));
    world.advance(data ? 39ms : 3ms);
    CHECK(world.state(pair.client) == TcpState::fin_wait_1);
    world.advance(1ms);
    CHECK(world.state(pair.client) == TcpState::fin_wait_2);
  }
  World world;
  const Pair pair = connected(world, world.listener(loopback_server));
  CHECK_FALSE(world.shutdown(pair.client, false, true));
  CHECK(world.send(pair.server, 1).value() == 1);
  CHECK(world.state(pair.client) == TcpState::fin_wait_2);
}

TEST_CASE("what tcp_fin_timeout says above 60 s is spent twice: as a full socket and as a light entry") {
  CHECK(fin_wait_plan(60s).as_full_socket == 0s);
  CHECK(fin_wait_plan(60s).as_light_entry == 60s);
  CHECK(fin_wait_plan(90s).as_full_socket == 30s);
  CHECK(fin_wait_plan(90s).as_light_entry == 30s);
  CHECK(fin_wait_plan(120s).as_full_socket == 60s);
  CHECK(fin_wait_plan(0s).as_light_entry == 700ms);
}

TEST_CASE("FIN_WAIT_2 with its descriptor open waits for ever") {
  World world;
  const Pair pair = connected(world, world.listener(loopback_server));
  CHECK_FALSE(world.shutdown(pair.client, false, true));
  world.advance(1h);
  CHECK(world.state(pair.client) == TcpState::fin_wait_2);
  CHECK(world.send(pair.server, 5).value() == 5);
  CHECK(world.receive(pair.client).value() == 5);
  world.close(pair.server);
  CHECK(world.state(pair.client) == TcpState::closed);  // the entry is a socket of its own now
  CHECK(world.host().time_wait_count() == 1);
  CHECK(world.receive(pair.client).value() == 0);
}

TEST_CASE("an orphan above tcp_max_orphans is reset at once") {
  Outside outside;
  outside.settings.max_orphans = 0;
  World world(outside);
  const SocketId listener = world.listener(loopback_server);
  const Pair pair = connected(world, listener);
  world.close(pair.client);
  CHECK_FALSE(world.host().alive(pair.client));
  CHECK(world.host().counters().orphan_resets == 1);
  CHECK(World::error_of(world.receive(pair.server)).has_value() == false);  // its FIN came first
}

TEST_CASE("an orphan whose FIN nobody acknowledges is given up after 102.2 s") {
  World world;
  const Pair pair = connected(world, world.listener(loopback_server));
  world.dropped = [](const Segment&) { return true; };
  world.close(pair.client);
  world.advance(102199ms);
  CHECK(world.state(pair.client) == TcpState::fin_wait_1);
  world.advance(1ms);
  CHECK_FALSE(world.host().alive(pair.client));
}

TEST_CASE("a connection to oneself comes up when nothing listens there, and ends with TIME_WAIT") {
  Outside outside;
  outside.settings.local_port_range = {Port{40000}, Port{40000}};
  World world(outside);
  const SocketId socket = world.tcp();
  REQUIRE_FALSE(world.connect(socket, endpoint("127.0.0.1", 40000)));
  CHECK(world.state(socket) == TcpState::established);
  CHECK(world.host().peer_name(socket).value() == world.host().local_name(socket).value());
  CHECK(world.send(socket, 3).value() == 3);
  CHECK(world.receive(socket).value() == 3);
  world.close(socket);
  CHECK(world.state(socket) == TcpState::time_wait);
  CHECK(world.connect(world.tcp(), endpoint("127.0.0.1", 40000)) == Error::eaddrnotavail);
  CHECK(world.connect(world.tcp(), endpoint("127.0.0.1", 40001)) == Error::econnrefused);
}

TEST_CASE("two hosts that connect to each other at the same time share one connection") {
  Outside here;
  here.addresses = {"198.51.100.1/24"};
  Outside there;
  there.addresses = {"198.51.100.2/24"};
  World world(here);
  world.add_host(there);
  const SocketId a = world.bound(endpoint("198.51.100.1", 5000));
  const SocketId b = world.bound(endpoint("198.51.100.2", 5000), {}, 1);
  REQUIRE(world.host(0).connect(a, endpoint("198.51.100.2", 5000), {}, world.now, world.effects));
  REQUIRE(world.host(1).connect(b, endpoint("198.51.100.1", 5000), {}, world.now, world.effects));
  world.settle(0);
  CHECK(world.state(a, 0) == TcpState::established);
  CHECK(world.state(b, 1) == TcpState::established);
}

TEST_CASE("a refused nonblocking connect() leaves its error to SO_ERROR, a blocking one takes it along") {
  World world;
  const SocketId blocking = world.tcp();
  CHECK(world.connect(blocking, loopback_server) == Error::econnrefused);
  CHECK(world.refusal == Refusal{Error::econnrefused, Limit::no_listener, Rule::connect_refused});
  CHECK_FALSE(world.host().take_error(blocking).value().has_value());
  world.listener(loopback_server);
  CHECK_FALSE(world.connect(blocking, loopback_server));

  const SocketId nonblocking = world.tcp();
  world.host().set_nonblocking(nonblocking, true);
  CHECK(world.connect(nonblocking, endpoint("127.0.0.1", 7001)) == Error::econnrefused);
  CHECK(world.host().take_error(nonblocking).value() == Error::econnrefused);
  CHECK(world.connect(nonblocking, loopback_server) == Error::econnaborted);
  CHECK_FALSE(world.connect(nonblocking, loopback_server));
  CHECK_FALSE(world.connect(nonblocking, loopback_server));
  CHECK(world.connect(nonblocking, loopback_server) == Error::eisconn);
}

TEST_CASE("connect(AF_UNSPEC) resets the connection and frees the socket") {
  World world;
  const Pair pair = connected(world, world.listener(loopback_server));
  CHECK_FALSE(world.disconnect(pair.client));
  CHECK(world.host().take_error(pair.client).value() == Error::econnreset);
  CHECK(World::error_of(world.receive(pair.server)) == Error::econnreset);
  CHECK_FALSE(world.connect(pair.client, loopback_server));
}

TEST_CASE("a host that loses power leaves its peers without a word") {
  Outside here;
  here.addresses = {"198.51.100.1/24"};
  Outside there;
  there.addresses = {"198.51.100.2/24"};
  World world(here);
  world.add_host(there);
  const SocketId listener = world.listener(endpoint("198.51.100.2", 80), 8, {}, 1);
  const SocketId client = world.tcp();
  REQUIRE_FALSE(world.connect(client, endpoint("198.51.100.2", 80)));
  world.host(1).lose_everything();
  CHECK_FALSE(world.host(1).alive(listener));
  CHECK(world.state(client) == TcpState::established);
  CHECK(world.send(client, 1).value() == 1);  // answered with a reset
  CHECK(World::error_of(world.receive(client)) == Error::econnreset);
}
