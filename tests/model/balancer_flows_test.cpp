// Where a balancer sends a connection, and when it forgets it.
#include "model/path/balancer_flows.hpp"

#include <set>

#include "tests/catch.hpp"

namespace netlimits {
namespace {

using std::chrono::seconds;

Endpoint written(const char* text) { return *Endpoint::parse(text); }
const Endpoint front = written("10.2.0.1:443");
const Endpoint first_back_end = written("10.0.0.1:80");
const Endpoint second_back_end = written("10.0.0.2:80");

// One segment through the node; gives what it sends on.
struct Node {
  BalancerFlows flows{{{front, {first_back_end, second_back_end}}}};
  SimTime now = time_zero;
  Effects effects{};

  std::optional<Segment> pass(const Endpoint& from, const Endpoint& to, bool syn, bool ack, bool fin = false,
                              bool rst = false) {
    Segment segment;
    segment.tuple = {from, to};
    segment.syn = syn;
    segment.ack = ack;
    segment.fin = fin;
    segment.rst = rst;
    effects.clear();
    flows.deliver(0, segment, now, effects);
    if (effects.segments.empty()) return std::nullopt;
    return effects.segments.front();
  }
  Endpoint connect(const Endpoint& client) {
    const auto syn = pass(client, front, true, false);
    REQUIRE(syn);
    const Endpoint back_end = syn->tuple.remote;
    const auto answer = pass(back_end, client, true, true);
    REQUIRE(answer);
    CHECK(answer->tuple == FourTuple{front, client});
    CHECK(pass(client, front, false, true)->tuple == FourTuple{client, back_end});
    return back_end;
  }
  void close(const Endpoint& client, const Endpoint& back_end) {
    CHECK(pass(client, front, false, true, true));
    CHECK(pass(back_end, client, false, true, true));
    CHECK(pass(client, front, false, true));
  }
};

Endpoint client(std::uint16_t port) { return {*IpAddress::parse("10.1.0.1"), Port{port}}; }

TEST_CASE("a balancer rewrites both ways, and lies on the way of both") {
  Node node;
  CHECK(node.connect(client(1)) == first_back_end);
  CHECK(node.connect(client(2)) == second_back_end);
  CHECK(node.flows.on_the_way({client(1), front}) == 0U);
  CHECK(node.flows.on_the_way({first_back_end, client(1)}) == 0U);
  CHECK_FALSE(node.flows.on_the_way({second_back_end, client(1)}));
  CHECK_FALSE(node.flows.on_the_way({first_back_end, client(3)}));
  CHECK(node.flows.client_view({first_back_end, client(1)}) == FourTuple{client(1), front});
  CHECK(node.flows.client_view({first_back_end, client(3)}) == FourTuple{client(3), first_back_end});
  CHECK(node.flows.counts(0, 0).open == 1);
}

TEST_CASE("without a back end a SYN is dropped, and says so") {
  Node node;
  node.flows.set_up(0, first_back_end, false);
  node.flows.set_up(0, second_back_end, false);
  CHECK_FALSE(node.pass(client(1), front, true, false));
  REQUIRE(node.effects.drops.size() == 1);
  CHECK(node.effects.drops[0].limit == Limit::back_end_down);
  CHECK(node.effects.drops[0].opening);
  CHECK(node.effects.drops[0].tuple == FourTuple{client(1), front});
}

TEST_CASE("the flows of a back end that went down end with a reset to both ends, in the order of the clients") {
  Node node;
  node.connect(client(7));
  node.connect(client(8));
  node.connect(client(5));
  Effects effects;
  node.flows.end_flows(0, first_back_end, node.now, effects);
  REQUIRE(effects.segments.size() == 4);
  CHECK(effects.segments[0].tuple == FourTuple{front, client(5)});
  CHECK(effects.segments[1].tuple == FourTuple{client(5), first_back_end});
  CHECK(effects.segments[2].tuple == FourTuple{front, client(7)});
  for (const Segment& reset : effects.segments) CHECK(reset.rst);
  CHECK(node.flows.counts(0, 0).open == 0);
  CHECK(node.flows.counts(0, 1).open == 1);
  effects.clear();
  node.flows.end_flows(0, first_back_end, node.now, effects);
  CHECK(effects.segments.empty());
}

TEST_CASE("a SYN on a four-tuple that is closing begins a flow of its own") {
  Node node;
  CHECK(node.connect(client(1)) == first_back_end);
  CHECK(node.pass(client(1), front, false, true, true));
  CHECK(node.connect(client(1)) == second_back_end);
  CHECK(node.flows.remembered() == 1);
}

TEST_CASE("who was not answered keeps its back end, without a turn, until its last SYN is 120 s old") {
  Node node;
  const auto back_end_of_syn = [&] { return node.pass(client(1), front, true, false)->tuple.remote; };
  CHECK(back_end_of_syn() == first_back_end);
  node.now += seconds(119);
  CHECK(back_end_of_syn() == first_back_end);
  node.now += seconds(119);
  CHECK(back_end_of_syn() == first_back_end);
  CHECK(node.flows.counts(0, 0).connections == 1);
  node.now += seconds(120);
  CHECK(back_end_of_syn() == second_back_end);
  CHECK(node.flows.remembered() == 1);
  CHECK(node.pass(second_back_end, client(1), true, true));
  node.now += seconds(1000);
  CHECK(back_end_of_syn() == second_back_end);
}

TEST_CASE("a back end never meets one four-tuple twice: the later connection gets another port") {
  const Endpoint other_front = *Endpoint::parse("10.2.0.2:443");
  BalancerFlows flows{{{front, {first_back_end}}, {other_front, {first_back_end}}}};
  const auto syn = [](const FourTuple& tuple, bool answer = false) {
    Segment segment;
    segment.tuple = tuple;
    segment.syn = true;
    segment.ack = answer;
    return segment;
  };
  const SimTime now = time_zero;
  Effects effects;
  // Straight to the back end, then through each balancer, from one port.
  CHECK(flows.past(syn({client(5000), first_back_end}), now) == FourTuple{client(5000), first_back_end});
  flows.deliver(0, syn({client(5000), front}), now, effects);
  flows.deliver(1, syn({client(5000), other_front}), now, effects);
  REQUIRE(effects.segments.size() == 2);
  const Endpoint through = effects.segments[0].tuple.local;
  const Endpoint through_other = effects.segments[1].tuple.local;
  CHECK(std::set<Endpoint>{client(5000), through, through_other}.size() == 3);
  CHECK(effects.segments[0].tuple.remote == first_back_end);
  CHECK(effects.segments[1].tuple.remote == first_back_end);
  // A client that has one of those ports itself moves on as well, and every answer finds its own.
  const FourTuple moved = flows.past(syn({through, first_back_end}), now);
  CHECK_FALSE(std::set<Endpoint>{client(5000), through, through_other}.contains(moved.local));
  CHECK(flows.on_the_way({first_back_end, through}) == 0U);
  CHECK(flows.on_the_way({first_back_end, through_other}) == 1U);
  CHECK_FALSE(flows.on_the_way({first_back_end, client(5000)}));
  CHECK_FALSE(flows.on_the_way({first_back_end, moved.local}));
  CHECK(flows.past(syn({first_back_end, moved.local}, true), now) == FourTuple{first_back_end, through});
  CHECK(flows.client_view({first_back_end, through}) == FourTuple{client(5000), front});
  CHECK(flows.client_view({first_back_end, moved.local}) == FourTuple{through, first_back_end});
  effects.clear();
  flows.deliver(1, syn({first_back_end, through_other}, true), now, effects);
  REQUIRE(effects.segments.size() == 1);
  CHECK(effects.segments[0].tuple == FourTuple{other_front, client(5000)});
}

TEST_CASE("a moved port is drawn anew for each connection, so that the back end keeps a TIME_WAIT entry of each") {
  BalancerFlows flows{{{front, {first_back_end}}}};
  Segment straight;
  straight.syn = true;
  straight.tuple = {client(5000), first_back_end};
  static_cast<void>(flows.past(straight, time_zero));
  std::set<std::uint16_t> seen;
  constexpr std::size_t connections = 20;
  for (std::size_t i = 0; i < connections; ++i) {
    Segment syn;
    syn.syn = true;
    syn.tuple = {client(5000), front};
    Effects effects;
    flows.deliver(0, syn, time_zero, effects);
    REQUIRE(effects.segments.size() == 1);
    seen.insert(effects.segments[0].tuple.local.port.value);
    Segment reset = syn;
    reset.syn = false;
    reset.rst = true;
    flows.deliver(0, reset, time_zero, effects);
  }
  CHECK(seen.size() == connections);
}

TEST_CASE(
    "another port is taken from the part of the field in which the client's own lies, for a whole range of them") {
  BalancerFlows flows{{{front, {first_back_end}}}};
  std::set<std::uint16_t> given;
  const auto straight_and_through = [&](std::uint16_t port) {
    Segment segment;
    segment.syn = true;
    segment.tuple = {client(port), first_back_end};
    given.insert(flows.past(segment, time_zero).local.port.value);
    segment.tuple = {client(port), front};
    Effects effects;
    flows.deliver(0, segment, time_zero, effects);
    const std::uint16_t through = effects.segments.at(0).tuple.local.port.value;
    given.insert(through);
    return through;
  };
  CHECK(straight_and_through(300) < 512);
  const std::uint16_t above = straight_and_through(1023);
  CHECK((above >= 600 && above < 1024));
  for (std::uint32_t port = 32768; port < 32768 + 28232; ++port)
    REQUIRE(straight_and_through(static_cast<std::uint16_t>(port)) >= 1024);
  CHECK(given.size() == 2 * (28232 + 2));
}

TEST_CASE("what is over is forgotten 120 s after its last segment, what lives never") {
  Node node;
  const Endpoint closed_at = node.connect(client(1));
  node.close(client(1), closed_at);
  const Endpoint half_closed_at = node.connect(client(2));
  CHECK(node.pass(client(2), front, false, true, true));
  const Endpoint reset_at = node.connect(client(3));
  CHECK(node.pass(client(3), front, false, true, false, true));
  node.connect(client(4));
  CHECK(node.flows.remembered() == 4);

  node.now += seconds(100);
  CHECK(node.pass(closed_at, client(1), false, true, true));  // said again
  node.now += seconds(21);
  node.connect(client(5));
  CHECK(node.flows.remembered() == 4);  // the reset one is gone
  CHECK_FALSE(node.flows.on_the_way({reset_at, client(3)}));
  CHECK(node.flows.on_the_way({closed_at, client(1)}));

  node.now += seconds(100);
  node.connect(client(6));
  CHECK_FALSE(node.flows.on_the_way({closed_at, client(1)}));
  CHECK(node.flows.on_the_way({half_closed_at, client(2)}));
  CHECK(node.flows.remembered() == 4);
}

TEST_CASE("flows under churn do not add up") {
  Node node;
  for (int round = 0; round < 5000; ++round) {
    const auto port = static_cast<std::uint16_t>(1024 + round);
    node.close(client(port), node.connect(client(port)));
    node.now += seconds(1);
  }
  CHECK(node.flows.remembered() <= 122);
  CHECK(node.flows.counts(0, 0).connections == 2500);
  CHECK(node.flows.counts(0, 0).open == 0);
}

}  // namespace
}  // namespace netlimits
