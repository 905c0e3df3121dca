// A table of pairs of sockets on one port, and the sequences in which a bucket opens and closes again.
#include "model/ports/bind_conflict.hpp"

#include <functional>
#include <optional>
#include <string>

#include "tests/catch.hpp"
#include "tests/model/host_world.hpp"

using namespace netlimits;
using namespace netlimits::test;

namespace {

constexpr std::uint16_t bound_port = 7000;
using Options = std::vector<Option>;
const Options none{};
const Options ra{Option::reuse_address};
const Options rp{Option::reuse_port};
const Options both{Option::reuse_address, Option::reuse_port};

enum class First { bound, listening };

struct Row {
  First first;
  const char* first_address;
  Options first_options;
  const char* second_address;
  Options second_options;
  bool second_may;
};

std::optional<Error> second_bind(const Row& row) {
  World world;
  if (row.first == First::listening) {
    world.listener(endpoint(row.first_address, bound_port), 8, row.first_options);
  } else {
    world.bound(endpoint(row.first_address, bound_port), row.first_options);
  }
  REQUIRE_FALSE(world.last);
  world.bound(endpoint(row.second_address, bound_port), row.second_options);
  return world.last;
}

}  // namespace

TEST_CASE("who may bind to a port that another socket holds") {
  const Row rows[] = {
      {First::bound, "127.0.0.1", none, "127.0.0.2", none, true},
      {First::bound, "127.0.0.1", none, "127.0.0.1", none, false},
      {First::bound, "127.0.0.1", ra, "127.0.0.1", ra, true},
      {First::bound, "127.0.0.1", ra, "127.0.0.1", none, false},
      {First::bound, "127.0.0.1", none, "127.0.0.1", ra, false},
      {First::bound, "0.0.0.0", ra, "127.0.0.1", ra, true},
      {First::bound, "0.0.0.0", none, "127.0.0.1", ra, false},
      {First::bound, "127.0.0.1", none, "0.0.0.0", ra, false},
      {First::listening, "127.0.0.1", ra, "127.0.0.1", ra, false},
      {First::listening, "0.0.0.0", ra, "127.0.0.1", ra, false},
      {First::listening, "127.0.0.1", ra, "0.0.0.0", ra, false},
      {First::listening, "127.0.0.1", none, "127.0.0.2", none, true},
      {First::bound, "127.0.0.1", rp, "127.0.0.1", rp, true},
      {First::listening, "127.0.0.1", rp, "127.0.0.1", rp, true},
      {First::listening, "0.0.0.0", rp, "127.0.0.1", rp, true},
      {First::listening, "127.0.0.1", rp, "127.0.0.1", none, false},
      {First::listening, "127.0.0.1", both, "127.0.0.1", ra, false},
      {First::listening, "127.0.0.1", both, "127.0.0.1", rp, true},
      {First::bound, "::", none, "0.0.0.0", none, false},
      {First::bound, "0.0.0.0", none, "::", none, false},
      {First::bound, "::", none, "127.0.0.1", none, false},
      {First::bound, "127.0.0.1", none, "::", none, false},
      {First::bound, "::", {Option::v6_only}, "0.0.0.0", none, true},
      {First::bound, "0.0.0.0", none, "::", {Option::v6_only}, true},
      {First::bound, "::1", none, "0.0.0.0", none, true},
      {First::bound, "0.0.0.0", none, "::1", none, true},
      {First::bound, "::", {Option::v6_only}, "::1", none, false},
      {First::bound, "::ffff:127.0.0.1", none, "127.0.0.1", none, false},
      {First::bound, "::ffff:127.0.0.1", none, "0.0.0.0", none, false},
      {First::bound, "::ffff:127.0.0.1", none, "127.0.0.2", none, true},
      {First::bound, "::", none, "::", none, false},
  };
  for (const Row& row : rows) {
    INFO((row.first == First::listening ? "listening " : "bound ")
         << row.first_address << " x" << row.first_options.size() << ", then " << row.second_address << " x"
         << row.second_options.size());
    CHECK(second_bind(row) == (row.second_may ? std::nullopt : std::optional<Error>(Error::eaddrinuse)));
  }
}

TEST_CASE("sharing by SO_REUSEPORT ends at the user, also with SO_REUSEADDR") {
  for (const Options& options : {rp, both}) {
    World world;
    world.listener(endpoint("127.0.0.1", bound_port), 8, options);
    const ProcessId other = world.host().add_process({.name = "q", .nofile = 16, .uid = 1000});
    const SocketId socket = world.host().socket(other, Family::inet, SocketType::stream).value();
    for (const Option option : options) (void)world.host().set_option(socket, option, 1);
    CHECK(World::error_of(world.host().bind(socket, endpoint("127.0.0.1", bound_port), {})) == Error::eaddrinuse);
  }
}

TEST_CASE("of two sockets that share an address by SO_REUSEADDR the first may listen and the second may not") {
  World world;
  const SocketId first = world.bound(endpoint("127.0.0.1", bound_port), ra);
  const SocketId second = world.bound(endpoint("127.0.0.1", bound_port), ra);
  CHECK(world.host().listen(first, 4, {}));
  const auto refused = world.host().listen(second, 4, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == Refusal{Error::eaddrinuse, Limit::port_in_use, Rule::bind_conflict});
}

namespace {

std::vector<std::string> addresses(std::uint32_t count) {
  std::vector<std::string> texts;
  for (std::uint32_t i = 0; i < count; ++i) texts.push_back(IpAddress::parse("10.0.0.0")->plus(i).text());
  texts.emplace_back("2001:db8::8");
  return texts;
}

Endpoint numbered(std::uint32_t i) { return {IpAddress::parse("10.0.0.0")->plus(i), Port{bound_port}}; }

}  // namespace

// What asks each of the owners needs minutes for these.
TEST_CASE("one port is bound at 100,000 addresses, and each socket listens") {
  constexpr std::uint32_t many = 100'000;
  Outside outside;
  outside.addresses = addresses(many);
  World world(outside);
  for (std::uint32_t i = 0; i < many; ++i) {
    world.listener(numbered(i), 8);
    if (world.last) FAIL("not bound: " << i);
  }
}

TEST_CASE("an owner in the way is found among very many at other addresses") {
  constexpr std::uint32_t many = 1'000;
  Outside outside;
  outside.addresses = addresses(many + 2);
  World world(outside);
  const auto refused = [&](const Endpoint& at, const Options& options = none) {
    const SocketId socket = world.bound(at, options);
    const bool no = world.last.has_value();
    static_cast<void>(world.close(socket));
    return no;
  };
  std::vector<SocketId> sockets;
  for (std::uint32_t i = 0; i < many; ++i) sockets.push_back(world.bound(numbered(i), ra));
  for (const std::uint32_t i : {0U, 1U, many / 2, many - 1}) {
    CHECK(refused(numbered(i)));
    CHECK_FALSE(refused(numbered(i), ra));
  }
  CHECK(refused(endpoint("0.0.0.0", bound_port)));
  CHECK(refused(endpoint("::", bound_port)));
  CHECK_FALSE(refused(numbered(many)));
  CHECK_FALSE(refused(endpoint("2001:db8::8", bound_port)));
  // One that listens there keeps others away by any option, and one that is gone does not.
  REQUIRE_FALSE(World::error_of(world.host().listen(sockets[7], 8, {})));
  CHECK(refused(numbered(7), ra));
  static_cast<void>(world.close(sockets[7]));
  static_cast<void>(world.close(sockets[9]));
  CHECK_FALSE(refused(numbered(7)));
  CHECK_FALSE(refused(numbered(9)));
  // A wildcard is in everybody's way, for as long as it is there.
  const SocketId wildcard = world.bound(endpoint("0.0.0.0", bound_port), ra);
  REQUIRE_FALSE(world.last);
  CHECK(refused(numbered(many)));
  CHECK(refused(numbered(7)));
  CHECK_FALSE(refused(endpoint("2001:db8::8", bound_port)));
  static_cast<void>(world.close(wildcard));
  CHECK_FALSE(refused(numbered(many)));
  world.bound(endpoint("::", bound_port), ra);
  REQUIRE_FALSE(world.last);
  CHECK(refused(numbered(many)));
  CHECK(refused(endpoint("2001:db8::8", bound_port)));
}

TEST_CASE("a connected client keeps others from its address, not from other addresses") {
  World world;
  world.listener(endpoint("127.0.0.1", bound_port));
  const SocketId client = world.tcp();
  REQUIRE_FALSE(world.connect(client, endpoint("127.0.0.1", bound_port)));
  const std::uint16_t taken = world.port(client);
  world.bound(endpoint("127.0.0.1", taken), ra);
  CHECK(world.last == Error::eaddrinuse);
  world.bound(endpoint("0.0.0.0", taken));
  CHECK(world.last == Error::eaddrinuse);
  world.bound(endpoint("127.0.0.2", taken));
  CHECK_FALSE(world.last);
}

TEST_CASE("connections of a closed listener leave its port to SO_REUSEADDR only, and only if it had that option too") {
  for (const bool listener_had : {false, true}) {
    for (const bool in_time_wait : {false, true}) {
      World world;
      const SocketId listener = world.listener(endpoint("127.0.0.1", bound_port), 8, listener_had ? ra : none);
      REQUIRE_FALSE(world.connect(world.tcp(), endpoint("127.0.0.1", bound_port)));
      const SocketId child = world.accept(listener).value();
      world.close(listener);
      if (in_time_wait) world.close(child);
      world.bound(endpoint("127.0.0.1", bound_port));
      CHECK(world.last == Error::eaddrinuse);
      world.bound(endpoint("127.0.0.1", bound_port), ra);
      CHECK(world.last == (listener_had ? std::nullopt : std::optional<Error>(Error::eaddrinuse)));
      world.bound(endpoint("127.0.0.2", bound_port));
      CHECK_FALSE(world.last);
    }
  }
}

TEST_CASE("the checks of bind() come in the order of the kernel") {
  World world;
  const ProcessId user = world.host().add_process({.name = "u", .nofile = 16, .uid = 1000, .privileged = false});
  const auto fresh = [&] { return world.host().socket(user, Family::inet, SocketType::stream).value(); };
  const auto bind = [&](SocketId socket, const char* to, std::uint16_t number) {
    return World::error_of(world.host().bind(socket, endpoint(to, number), {}));
  };
  CHECK(bind(fresh(), "203.0.113.1", 80) == Error::eaddrnotavail);
  CHECK(bind(fresh(), "127.0.0.1", 80) == Error::eacces);
  const SocketId twice = fresh();
  REQUIRE_FALSE(bind(twice, "127.0.0.1", bound_port));
  CHECK(bind(twice, "127.0.0.1", 80) == Error::eacces);
  CHECK(bind(twice, "127.0.0.1", bound_port) == Error::einval);
  CHECK(bind(twice, "203.0.113.1", bound_port) == Error::eaddrnotavail);
}

TEST_CASE(
    "every address of 127.0.0.0/8 may be bound, a foreign one only with IP_FREEBIND, IP_TRANSPARENT or the sysctl") {
  World world;
  world.bound(endpoint("127.45.6.7", bound_port));
  CHECK_FALSE(world.last);
  world.bound(endpoint("203.0.113.1", bound_port));
  CHECK(world.last == Error::eaddrnotavail);
  world.bound(endpoint("203.0.113.1", bound_port), {Option::free_bind});
  CHECK_FALSE(world.last);
  world.bound(endpoint("203.0.113.2", bound_port), {Option::transparent});
  CHECK_FALSE(world.last);
  REQUIRE(world.host().write_setting("net.ipv4.ip_nonlocal_bind", "1"));
  world.bound(endpoint("203.0.113.3", bound_port));
  CHECK_FALSE(world.last);
}

TEST_CASE(
    "before 6.8 a port remembers that all its sockets were bound with SO_REUSEADDR, until one was not or listens") {
  for (const bool remembers : {true, false}) {
    Outside outside;
    outside.rules.set(Rule::bind_reuse_address_memory, remembers);
    const auto may_join = [&](const std::function<void(World&)>& before) {
      World world(outside);
      before(world);
      world.bound(endpoint("127.0.0.1", bound_port), {Option::reuse_address});
      return !world.last.has_value();
    };
    CAPTURE(remembers);
    const auto gives_up = [](World& world, SocketId socket) {
      REQUIRE(world.host().set_option(socket, Option::reuse_address, 0));
    };
    CHECK(may_join([&](World& world) {
            gives_up(world, world.bound(endpoint("127.0.0.1", bound_port), {Option::reuse_address}));
          }) == remembers);
    CHECK_FALSE(may_join([&](World& world) {
      gives_up(world, world.bound(endpoint("127.0.0.1", bound_port), {Option::reuse_address}));
      world.bound(endpoint("127.0.0.2", bound_port));
    }));
    CHECK_FALSE(may_join([&](World& world) {
      const SocketId first = world.bound(endpoint("127.0.0.1", bound_port), {Option::reuse_address});
      REQUIRE(world.host().listen(first, 1, {}));
      gives_up(world, first);
    }));
    // What the last one leaves is forgotten.
    CHECK_FALSE(may_join([&](World& world) {
      world.close(world.bound(endpoint("127.0.0.1", bound_port), {Option::reuse_address}));
      world.bound(endpoint("127.0.0.1", bound_port));
    }));
  }
}

TEST_CASE("a bucket that only connect() uses opens again when the last bound socket leaves; before 6.18 it does not") {
  for (const bool revival : {true, false}) {
    Outside outside;
    outside.settings.local_port_range = {Port{40000}, Port{40000}};
    outside.rules.set(Rule::connect_revived_port, revival);
    World world(outside);
    world.listener(endpoint("127.0.0.1", bound_port));
    world.listener(endpoint("127.0.0.1", bound_port + 1));
    const SocketId client = world.tcp();
    REQUIRE_FALSE(world.connect(client, endpoint("127.0.0.1", bound_port)));
    const SocketId holder = world.bound(endpoint("127.0.0.9", 40000));
    REQUIRE_FALSE(world.last);
    CHECK(world.connect(world.tcp(), endpoint("127.0.0.1", bound_port + 1)) == Error::eaddrnotavail);
    world.close(holder);
    const auto after = world.connect(world.tcp(), endpoint("127.0.0.1", bound_port + 1));
    CHECK(after == (revival ? std::nullopt : std::optional<Error>(Error::eaddrnotavail)));
  }
}
