// The ports that connect() and bind() choose, and how many connections a range carries.
#include <rapidcheck.h>

#include <array>
#include <map>
#include <set>

#include "model/ports/automatic_bind_port.hpp"
#include "model/ports/automatic_connect_port.hpp"
#include "model/ports/socket_port_range.hpp"
#include "model/sockets/socket_options.hpp"
#include "tests/catch.hpp"
#include "tests/model/host_world.hpp"

using namespace netlimits;
using namespace netlimits::test;

namespace {

Outside with_range(std::uint32_t first, std::uint32_t size) {
  Outside outside;
  outside.settings.local_port_range = ports_from(first, size);
  return outside;
}

// How many connections to one endpoint before the first refusal.
std::uint32_t connections(World& world, Endpoint to, std::uint32_t& draw, std::uint32_t most = 100) {
  for (std::uint32_t count = 0; count < most; ++count) {
    draw = draw * 1664525U + 1013904223U;
    const SocketId socket = world.tcp();
    if (world.connect(socket, to, {.number = draw >> 8U, .demanded = {}})) {
      world.close(socket);
      return count;
    }
  }
  return most;
}

}  // namespace

namespace {

// What a plain list says of a host's outbound connections.
struct Ledger {
  struct Pair {
    SocketId client;
    SocketId server;
    std::uint16_t port;
    std::uint16_t to;
  };
  World& world;
  std::vector<Pair> open{};
  std::map<std::pair<std::uint16_t, std::uint16_t>, SimTime> ended{};  // TIME_WAIT entries, by port and server port
  std::map<std::uint16_t, SocketId> bound{};

  bool acceptable(std::uint16_t port, std::uint16_t to) const {
    if (bound.count(port) != 0) return false;
    for (const Pair& pair : open)
      if (pair.port == port && pair.to == to) return false;
    const auto entry = ended.find({port, to});
    return entry == ended.end() || world.now - entry->second >= std::chrono::seconds(1);
  }
  void expire() {
    for (auto at = ended.begin(); at != ended.end();)
      at = world.now - at->second >= std::chrono::seconds(60) ? ended.erase(at) : std::next(at);
  }
};

}  // namespace

TEST_CASE("a host's choice is the first acceptable port of the walk, whatever happened before") {
  rc::check([] {
    World world(with_range(40000, 48));
    std::map<std::uint16_t, SocketId> listeners;
    for (const std::uint16_t port : std::array<std::uint16_t, 2>{7000, 7001})
      listeners[port] = world.listener(endpoint("127.0.0.1", port));
    Ledger ledger{world};
    const auto steps = *rc::gen::inRange(20, 200);
    for (int step = 0; step < steps; ++step) {
      const auto what = *rc::gen::inRange(0, 12);
      const auto draw = *rc::gen::arbitrary<std::uint32_t>();
      ledger.expire();
      if (what < 9) {
        const std::uint16_t to = draw % 16 == 0 ? 7001 : 7000;
        const SocketId client = world.tcp();
        const auto expected = first_acceptable(connect_walk({ports_from(40000, 48)}, draw),
                                               [&](Port port) { return ledger.acceptable(port.value, to); });
        const auto candidates = world.host().connect_candidates(client, endpoint("127.0.0.1", to), world.now);
        RC_ASSERT(candidates.empty() == !expected.has_value());
        const auto failed = world.connect(client, endpoint("127.0.0.1", to), {.number = draw, .demanded = {}});
        RC_ASSERT(failed.has_value() == !expected.has_value());
        if (!expected) {
          world.close(client);
          continue;
        }
        RC_ASSERT(world.port(client) == expected->value);
        RC_ASSERT(std::find(candidates.begin(), candidates.end(), *expected) != candidates.end());
        ledger.ended.erase({expected->value, to});
        ledger.open.push_back({client, world.accept(listeners[to]).value(), expected->value, to});
      } else if (what == 9 && !ledger.open.empty()) {
        const std::size_t at = draw % ledger.open.size();
        const Ledger::Pair pair = ledger.open[at];
        world.close(pair.client);
        world.close(pair.server);
        ledger.ended[{pair.port, pair.to}] = world.now;
        ledger.open.erase(ledger.open.begin() + static_cast<std::ptrdiff_t>(at));
      } else if (what == 10) {
        const auto port = static_cast<std::uint16_t>(40000 + draw % 48);
        if (const auto held = ledger.bound.find(port); held != ledger.bound.end()) {
          world.close(held->second);
          ledger.bound.erase(held);
        } else {
          const SocketId socket = world.bound(endpoint("127.0.0.9", port));
          RC_ASSERT(!world.last);
          ledger.bound[port] = socket;
        }
      } else {
        world.advance(std::chrono::milliseconds(draw % 700));
      }
    }
  });
}

TEST_CASE("bind() to port 0 gives the first port of the walk that no overlapping owner holds") {
  rc::check([] {
    World world(with_range(40000, 44));
    std::map<std::pair<std::string, std::uint16_t>, SocketId> held;
    for (int step = 0; step < 120; ++step) {
      const auto draw = *rc::gen::arbitrary<std::uint32_t>();
      const char* where =
          *rc::gen::elementOf(std::vector<const char*>{"127.0.0.1", "127.0.0.1", "127.0.0.2", "0.0.0.0"});
      if (draw % 5 == 0 && !held.empty()) {
        world.close(held.begin()->second);
        held.erase(held.begin());
        continue;
      }
      const bool halves = draw % 2 == 0;
      const BindWalkShape shape{ports_from(40000, 44), false, halves};
      const auto free = [&](Port port) {
        return std::none_of(held.begin(), held.end(), [&](const auto& entry) {
          const auto& [name, number] = entry.first;
          return number == port.value && (name == where || name == "0.0.0.0" || std::string_view(where) == "0.0.0.0");
        });
      };
      std::optional<Port> expected = first_acceptable(bind_walk(shape, 0, draw), free);
      if (!expected && halves) expected = first_acceptable(bind_walk(shape, 1, draw + 0x9e3779b9U), free);
      const SocketId socket = world.tcp();
      if (halves) (void)world.host().set_option(socket, Option::reuse_address, 1);
      const auto done = world.host().bind(socket, endpoint(where, 0), {.number = draw, .demanded = {}});
      RC_ASSERT(done.has_value() == expected.has_value());
      if (!expected) {
        world.close(socket);
        continue;
      }
      RC_ASSERT(world.port(socket) == expected->value);
      held[{where, expected->value}] = socket;
    }
  });
}

TEST_CASE("a range of N ports carries N connections to each endpoint; an odd one may carry one fewer") {
  for (const std::uint32_t size : {1U, 2U, 20U, 100U}) {
    World world(with_range(40000, size));
    std::uint32_t draw = size;
    for (const std::uint16_t port : std::array<std::uint16_t, 3>{7000, 7001, 7002}) {
      world.listener(endpoint("127.0.0.1", port), 4096);
      CHECK(connections(world, endpoint("127.0.0.1", port), draw, 1000) == size);
    }
  }
  for (const auto& [size, least] : {std::pair{3U, 2U}, {5U, 4U}, {7U, 6U}, {19U, 18U}}) {
    std::uint32_t draw = size;
    for (int trial = 0; trial < 50; ++trial) {
      World world(with_range(40000, size));
      world.listener(endpoint("127.0.0.1", 7000), 4096);
      const std::uint32_t got = connections(world, endpoint("127.0.0.1", 7000), draw);
      CHECK(got >= least);
      CHECK(got <= (size == 3 ? 2 : size));
    }
  }
}

TEST_CASE("the parity of the low end is used up first") {
  for (const std::uint16_t low : std::array<std::uint16_t, 2>{40000, 40001}) {
    World world(with_range(low, 20));
    world.listener(endpoint("127.0.0.1", 7000), 4096);
    std::uint32_t draw = 7;
    for (int i = 0; i < 20; ++i) {
      draw = draw * 1664525U + 1013904223U;
      const SocketId socket = world.tcp();
      REQUIRE_FALSE(world.connect(socket, endpoint("127.0.0.1", 7000), {.number = draw, .demanded = {}}));
      CHECK((world.port(socket) % 2 == low % 2) == (i < 10));
    }
  }
}

TEST_CASE("a port that anything holds by bind(), on any address and in any state, is lost to connect()") {
  const auto left = [](auto&& hold) {
    World world(with_range(40000, 20));
    world.listener(endpoint("127.0.0.1", 7000), 4096);
    world.listener(endpoint("127.0.0.1", 7001), 4096);
    for (std::uint16_t port = 40000; port < 40005; ++port) hold(world, port);
    std::uint32_t draw = 1;
    return connections(world, endpoint("127.0.0.1", 7000), draw);
  };
  CHECK(left([](World& world, std::uint16_t port) { world.bound(endpoint("127.9.9.9", port)); }) == 15);
  CHECK(left([](World& world, std::uint16_t port) {
          world.bound(endpoint("127.9.9.9", port), {Option::reuse_address});
        }) == 15);
  CHECK(left([](World& world, std::uint16_t port) {
          world.bound(endpoint("127.9.9.9", port), {Option::reuse_port});
        }) == 15);
  CHECK(left([](World& world, std::uint16_t port) { world.listener(endpoint("127.9.9.9", port)); }) == 15);
  CHECK(left([](World& world, std::uint16_t port) { world.bound(endpoint("::1", port)); }) == 15);
  CHECK(left([](World& world, std::uint16_t port) {
          const SocketId client = world.bound(endpoint("127.9.9.9", port));
          REQUIRE_FALSE(world.connect(client, endpoint("127.0.0.1", 7001)));
        }) == 15);
  CHECK(left([](World& world, std::uint16_t port) {  // the same in TIME_WAIT
          const SocketId client = world.bound(endpoint("127.9.9.9", port));
          REQUIRE_FALSE(world.connect(client, endpoint("127.0.0.1", 7001)));
          world.close(client);
          world.advance(std::chrono::milliseconds(40));
          CHECK(world.state(client) == TcpState::fin_wait_2);
        }) == 15);
  CHECK(left([](World& world, std::uint16_t port) {  // accepted connections of a listener that is gone
          const SocketId listener = world.listener(endpoint("127.0.0.1", port));
          REQUIRE_FALSE(world.connect(world.bound(endpoint("127.0.0.3", 0), {Option::bind_no_port}),
                                      endpoint("127.0.0.1", port), {.number = 10, .demanded = {}}));
          (void)world.accept(listener);
          world.close(listener);
        }) <= 15);
  CHECK(left([](World&, std::uint16_t) {}) == 20);
}

TEST_CASE("reserved ports are never chosen, but may be bound") {
  Outside outside = with_range(40000, 20);
  outside.settings.reserved_ports = {ports_from(40000, 5)};
  World world(outside);
  world.listener(endpoint("127.0.0.1", 7000), 4096);
  std::uint32_t draw = 3;
  CHECK(connections(world, endpoint("127.0.0.1", 7000), draw) == 15);
  world.bound(endpoint("127.0.0.1", 40001));
  CHECK_FALSE(world.last);
}

TEST_CASE("IP_LOCAL_PORT_RANGE narrows the range bound by bound, and visits every port") {
  const PortRange sysctl = ports_from(40000, 100);
  const auto option = [](std::uint32_t low, std::uint32_t high) { return low | high << 16U; };
  CHECK(socket_port_range(sysctl, option(40010, 40019), Rules{}).size().value == 10);
  CHECK(socket_port_range(sysctl, option(50000, 50009), Rules{}).size().value == 100);
  CHECK(socket_port_range(sysctl, option(40095, 50009), Rules{}).size().value == 5);
  CHECK(socket_port_range(sysctl, option(0, 40009), Rules{}).size().value == 10);
  CHECK(socket_port_range(sysctl, 0, Rules{}).size().value == 100);
  CHECK_FALSE(legal_port_range_option(option(40010, 40009)));
  CHECK(legal_port_range_option(option(40010, 0)));
}

TEST_CASE("a plain bind(address, 0) takes a port from everyone; without a port it costs a tuple only") {
  World world(with_range(40000, 20));
  world.listener(endpoint("127.0.0.1", 7000), 4096);
  world.listener(endpoint("127.0.0.1", 7001), 4096);
  SECTION("bound with a port") {
    std::uint32_t bound = 0;
    for (std::uint32_t draw = 0; draw < 40; ++draw) {
      const SocketId socket = world.tcp();
      if (world.host().bind(socket, endpoint("127.0.0.2", 0), {.number = draw * 7, .demanded = {}})) ++bound;
    }
    CHECK(bound == 20);
    bound = 0;
    for (std::uint32_t draw = 0; draw < 40; ++draw) {
      const SocketId socket = world.tcp();
      if (world.host().bind(socket, endpoint("127.0.0.3", 0), {.number = draw * 7, .demanded = {}})) ++bound;
    }
    CHECK(bound == 20);
    CHECK(world.connect(world.tcp(), endpoint("127.0.0.1", 7000)) == Error::eaddrnotavail);
  }
  SECTION("bound without a port") {
    for (const char* source : {"127.0.0.2", "127.0.0.3"}) {
      for (const std::uint16_t to : std::array<std::uint16_t, 2>{7000, 7001}) {
        std::uint32_t connected = 0;
        for (std::uint32_t draw = 0; draw < 40; ++draw) {
          const SocketId socket = world.bound(endpoint(source, 0), {Option::bind_no_port});
          if (!world.connect(socket, endpoint("127.0.0.1", to), {.number = draw * 7, .demanded = {}})) ++connected;
        }
        CHECK(connected == 20);
      }
    }
  }
}

TEST_CASE("a demanded port is taken when some draw gives it, and only then") {
  World world(with_range(40000, 10));
  world.listener(endpoint("127.0.0.1", 7000), 4096);
  const auto demand = [&](std::uint16_t port) {
    const SocketId socket = world.tcp();
    const auto failed = world.connect(socket, endpoint("127.0.0.1", 7000), {.number = 0, .demanded = Port{port}});
    if (failed) world.close(socket);
    return !failed;
  };
  CHECK_FALSE(demand(40001));
  for (std::uint16_t port = 40000; port < 40010; port = static_cast<std::uint16_t>(port + 2)) CHECK(demand(port));
  CHECK(demand(40001));
  CHECK_FALSE(demand(40001));
  CHECK_FALSE(demand(41000));
}

TEST_CASE("that no port is found is followed where an odd range leaves a port out, and only there") {
  // How many connections a run of refusals on demand leaves: each call is asked to find nothing.
  const auto refused_at = [](std::uint16_t ports) {
    World world(with_range(40000, ports));
    world.listener(endpoint("127.0.0.1", 7000), 4096);
    int count = 0;
    while (count < 100) {
      const auto failed = world.connect(world.tcp(), endpoint("127.0.0.1", 7000), {.none_demanded = true});
      if (failed) {
        CHECK(failed == Error::eaddrnotavail);
        CHECK(world.host().rules_reached().has(Rule::connect_misses_port) == (count < ports));
        break;
      }
      ++count;
    }
    return count;
  };
  CHECK(refused_at(1) == 1);
  CHECK(refused_at(3) == 2);
  CHECK(refused_at(4) == 4);
  CHECK(refused_at(5) == 4);
  CHECK(refused_at(7) == 6);
  CHECK(refused_at(20) == 20);

  const auto bound_until_refused = [](std::uint16_t ports) {
    World world(with_range(40000, ports));
    int count = 0;
    while (count < 100) {
      const auto done = world.host().bind(world.tcp(), endpoint("127.0.0.1", 0), {.none_demanded = true});
      if (!done) break;
      ++count;
    }
    return count;
  };
  CHECK(bound_until_refused(4) == 4);
  CHECK(bound_until_refused(5) == 4);
}

TEST_CASE("other systems share ports in other ways") {
  const auto count = [](PortSharing sharing) {
    Outside outside = with_range(50000, 20);
    outside.rules.connect_sharing = sharing;
    outside.rules.set(Rule::connect_first_parity, false);
    outside.rules.ports_exhausted_connect = Error::wsaenobufs;
    World world(outside);
    world.listener(endpoint("127.0.0.1", 7000), 4096);
    world.listener(endpoint("127.0.0.1", 7001), 4096);
    std::array<std::uint32_t, 3> got{};
    std::uint32_t draw = 5;
    got[0] = connections(world, endpoint("127.0.0.1", 7000), draw);
    got[1] = connections(world, endpoint("127.0.0.1", 7001), draw);
    for (int i = 0; i < 40; ++i) {
      const SocketId socket = world.bound(endpoint("127.0.0.5", 0), {Option::bind_no_port});
      draw += 3;
      if (!world.connect(socket, endpoint("127.0.0.1", 7000), {.number = draw, .demanded = {}})) ++got[2];
    }
    CHECK(world.refusal->error == Error::wsaenobufs);
    return got;
  };
  CHECK(count(PortSharing::four_tuple) == std::array<std::uint32_t, 3>{20, 20, 20});
  CHECK(count(PortSharing::local_addr_port) == std::array<std::uint32_t, 3>{20, 0, 20});
  CHECK(count(PortSharing::host_port) == std::array<std::uint32_t, 3>{20, 0, 0});
}
