// Which port a gateway gives, and until when it is taken.
#include "model/path/gateway_flows.hpp"

#include <set>

#include "tests/catch.hpp"

namespace netlimits {
namespace {

using std::chrono::seconds;

const IpAddress own = *IpAddress::parse("203.0.113.7");
const Endpoint server = *Endpoint::parse("198.51.100.1:443");
const Endpoint other_server = *Endpoint::parse("198.51.100.2:443");

NatSettings settings(std::uint16_t ports, NatPortChoice choice = NatPortChoice::kept_or_searched) {
  NatSettings made;
  made.ports = {Port{1024}, Port{static_cast<std::uint16_t>(1024 + ports - 1)}};
  made.port_choice = choice;
  made.hold_after_close = seconds(120);
  made.hold_after_reset = seconds(10);
  made.hold_after_refusal = seconds(0);
  made.half_closed = seconds(60);
  made.half_open = seconds(120);
  return made;
}

Endpoint client(std::uint16_t port, std::uint8_t host = 1) { return {IpAddress::v4(0x0a000000U + host), Port{port}}; }

// One segment at a time through the gateway.
struct Node {
  explicit Node(const NatSettings& nat, std::vector<IpAddress> addresses = {own})
      : flows(std::move(addresses), nat, 17) {}

  GatewayFlows flows;
  SimTime now = time_zero;
  Effects effects{};
  std::uint32_t drawn = 0;

  std::optional<Segment> out(const Endpoint& from, const Endpoint& to, Segment segment) {
    segment.tuple = {from, to};
    effects.clear();
    flows.outward(from.address.v4_bits() & 0xffU, segment, now, effects, [&] { return drawn += 7'919; });
    return effects.segments.empty() ? std::nullopt : std::optional(effects.segments.front());
  }
  std::optional<Segment> in(const Endpoint& from, const Endpoint& to, Segment segment) {
    segment.tuple = {from, to};
    effects.clear();
    flows.inward(segment, now, effects);
    return effects.segments.empty() ? std::nullopt : std::optional(effects.segments.front());
  }
  // The gateway's endpoint for a connection that is answered.
  std::optional<Endpoint> connect(const Endpoint& from, const Endpoint& to = server) {
    const auto syn = out(from, to, {.tuple = {}, .syn = true});
    if (!syn || syn->rst) return std::nullopt;
    const auto answer = in(to, syn->tuple.local, {.tuple = {}, .syn = true, .ack = true});
    REQUIRE(answer);
    CHECK(answer->tuple == FourTuple{to, from});
    return syn->tuple.local;
  }
  void close(const Endpoint& from, const Endpoint& outside, const Endpoint& to = server) {
    REQUIRE(out(from, to, {.tuple = {}, .ack = true, .fin = true}));
    REQUIRE(in(to, outside, {.tuple = {}, .ack = true, .fin = true}));
    REQUIRE(out(from, to, {.tuple = {}, .ack = true}));
  }
  const GatewayFlows::Pool& pool(const Endpoint& to = server) const { return flows.pools().at({to, 0}); }
};

TEST_CASE("the client's own port is kept where it lies in the range and is free") {
  Node node(settings(64'512));
  CHECK(node.connect(client(40'000)) == Endpoint{own, Port{40'000}});
  const auto second = node.connect(client(40'000, 2));
  REQUIRE(second);
  CHECK(second->port != Port{40'000});
  CHECK(node.flows.client_view({*second, server}) == FourTuple{client(40'000, 2), server});
}

TEST_CASE("a port serves one connection to each destination") {
  Node node(settings(2));
  std::set<Endpoint> given{*node.connect(client(40'000)), *node.connect(client(40'001))};
  CHECK(given.size() == 2);
  CHECK_FALSE(node.connect(client(40'002)));
  REQUIRE(node.effects.drops.size() == 1);
  CHECK(node.effects.drops.front().limit == Limit::nat_ports);
  CHECK(node.effects.drops.front().opening);
  CHECK(node.connect(client(40'002), other_server));
  CHECK(node.pool().peak == 2);
  CHECK(node.pool().capacity == 2);
  CHECK(node.pool(other_server).peak == 1);
}

TEST_CASE("what comes from outside for no connection is dropped") {
  Node node(settings(8));
  const auto given = node.connect(client(40'000));
  CHECK_FALSE(node.in(other_server, *given, {.tuple = {}, .syn = true}));
  CHECK_FALSE(node.in(server, {own, Port{1}}, {.tuple = {}, .syn = true}));
}

TEST_CASE("a connection that is over keeps its port for its time, to the nanosecond") {
  struct Case {
    const char* how;
    Duration kept;
  };
  const auto ended = [](Node& node, const std::string& how) {
    const Endpoint given = *node.connect(client(40'000));
    if (how == "closed") node.close(client(40'000), given);
    if (how == "half closed") REQUIRE(node.out(client(40'000), server, {.tuple = {}, .ack = true, .fin = true}));
    if (how == "reset") REQUIRE(node.in(server, given, {.tuple = {}, .rst = true}));
  };
  for (const Case& one : {Case{"closed", seconds(120)}, Case{"half closed", seconds(60)}, Case{"reset", seconds(10)}}) {
    CAPTURE(one.how);
    Node node(settings(1, NatPortChoice::any_free));
    ended(node, one.how);
    node.now = time_zero + one.kept - Duration(1);
    CHECK_FALSE(node.connect(client(40'000, 2)));
    node.now = time_zero + one.kept;
    CHECK(node.connect(client(40'000, 2)));
  }
}

TEST_CASE("each segment of a connection that is over begins its time anew") {
  Node node(settings(1, NatPortChoice::any_free));
  const Endpoint given = *node.connect(client(40'000));
  node.close(client(40'000), given);
  node.now = time_zero + seconds(100);
  REQUIRE(node.in(server, given, {.tuple = {}, .ack = true, .fin = true}));
  node.now = time_zero + seconds(219);
  CHECK_FALSE(node.connect(client(40'000, 2)));
  node.now = time_zero + seconds(220);
  CHECK(node.connect(client(40'000, 2)));
}

TEST_CASE("a SYN that is refused leaves no port taken, one that nobody answers leaves it for half_open") {
  Node node(settings(1, NatPortChoice::any_free));
  auto syn = node.out(client(40'000), server, {.tuple = {}, .syn = true});
  REQUIRE(syn);
  REQUIRE(node.in(server, syn->tuple.local, {.tuple = {}, .ack = true, .rst = true}));
  syn = node.out(client(40'001), server, {.tuple = {}, .syn = true});
  REQUIRE(syn);
  node.now = time_zero + seconds(60);
  CHECK(node.out(client(40'001), server, {.tuple = {}, .syn = true})->tuple == syn->tuple);
  node.now = time_zero + seconds(179);
  CHECK_FALSE(node.out(client(40'002), server, {.tuple = {}, .syn = true}));
  node.now = time_zero + seconds(180);
  CHECK(node.out(client(40'002), server, {.tuple = {}, .syn = true}));
}

TEST_CASE("an open connection keeps its port for ever") {
  Node node(settings(1));
  node.connect(client(40'000));
  node.now = time_zero + std::chrono::hours(24 * 365);
  CHECK_FALSE(node.connect(client(40'001)));
}

TEST_CASE("a client that comes again with its port begins a new connection while the old one's port is kept") {
  Node node(settings(1, NatPortChoice::any_free));
  const Endpoint given = *node.connect(client(40'000));
  node.close(client(40'000), given);
  node.now = time_zero + seconds(61);
  CHECK(node.connect(client(40'000)));
  CHECK(node.pool().used == 1);
}

TEST_CASE("netfilter takes a port from a connection that is over in about every second case") {
  std::uint64_t taken = 0;
  for (std::uint16_t port = 1; port <= 400; ++port) {
    Node node(settings(1));
    const Endpoint given = *node.connect(client(2'000));
    node.close(client(2'000), given);
    if (node.connect(client(port, 2))) ++taken;
  }
  CHECK(taken > 150);
  CHECK(taken < 250);
}

TEST_CASE("with per_destination an address gives fewer than it has ports, and the next address the rest") {
  NatSettings nat = settings(100, NatPortChoice::any_free);
  nat.per_destination = 3;
  const IpAddress second = *IpAddress::parse("203.0.113.8");
  Node node(nat, {own, second});
  std::map<IpAddress, int> given;
  for (std::uint16_t port = 1; port <= 6; ++port) ++given[node.connect(client(port))->address];
  CHECK(given == std::map<IpAddress, int>{{own, 3}, {second, 3}});
  CHECK_FALSE(node.connect(client(7)));
  CHECK(node.pool().capacity == 6);
}

TEST_CASE("each host has a block of its own, on the next address where the first one has none left") {
  NatSettings nat = settings(10, NatPortChoice::any_free);
  nat.block = 4;
  const IpAddress second = *IpAddress::parse("203.0.113.8");
  Node node(nat, {own, second});
  std::set<Endpoint> given;
  for (std::uint8_t host = 1; host <= 4; ++host) {
    for (std::uint16_t port = 1; port <= 4; ++port) given.insert(*node.connect(client(port, host)));
    CHECK_FALSE(node.connect(client(5, host)));
    CHECK(node.effects.drops.front().limit == Limit::nat_block);
    CHECK(node.flows.pools().at({server, host}).peak == 4);
  }
  CHECK(given.size() == 16);
}

TEST_CASE("a gateway that answers resets whom it has no port for") {
  NatSettings nat = settings(1);
  nat.when_full = NatWhenFull::reset;
  Node node(nat);
  node.connect(client(40'000));
  const auto answer = node.out(client(40'001), server, {.tuple = {}, .syn = true});
  REQUIRE(answer);
  CHECK(answer->rst);
  CHECK(answer->tuple == FourTuple{server, client(40'001)});
  CHECK(node.effects.drops.front().answered);
}

}  // namespace
}  // namespace netlimits
