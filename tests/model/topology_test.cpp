// Ways and round trips between hosts, and whose an address is.
#include "model/scenario/topology.hpp"

#include "tests/catch.hpp"

using namespace netlimits;
using std::chrono::milliseconds;

namespace {

HostGroup group(const std::string& name, const std::string& address, std::uint64_t count = 1,
                std::uint64_t stride = 1) {
  HostGroup made;
  made.name = name;
  made.count = count;
  made.address_stride = stride;
  made.addresses.push_back(*AddressBlock::parse(address));
  return made;
}

Scenario world(const std::vector<Path>& paths) {
  Scenario scenario;
  for (const char* name : {"a", "b", "c", "lonely"}) {
    scenario.hosts.emplace(name, group(name, "10.0.0." + std::to_string(scenario.hosts.size() + 1)));
  }
  scenario.balancers.emplace("lb", Balancer{"lb", *Endpoint::parse("10.9.9.9:80"), {}, {}});
  scenario.paths = paths;
  return scenario;
}

}  // namespace

TEST_CASE("without any path everything reaches everything at once") {
  const Topology topology(world({}));
  CHECK(topology.round_trip("a", "b") == Duration::zero());
  CHECK(topology.round_trip("a", "lb") == Duration::zero());
  CHECK(topology.round_trip("a", "a") == Duration::zero());
  CHECK_FALSE(topology.round_trip("a", "nobody"));
}

TEST_CASE("routing takes the shortest way by round-trip time, in both directions") {
  const Topology topology(world({{"a", "b", milliseconds(100)},
                                 {"a", "c", milliseconds(10)},
                                 {"c", "b", milliseconds(20)},
                                 {"b", "lb", milliseconds(1)}}));
  CHECK(topology.round_trip("a", "b") == milliseconds(30));
  CHECK(topology.round_trip("b", "a") == milliseconds(30));
  CHECK(topology.round_trip("a", "lb") == milliseconds(31));
  CHECK(topology.round_trip("c", "c") == Duration::zero());
  CHECK_FALSE(topology.round_trip("a", "lonely"));
  CHECK(topology.round_trip("lonely", "lonely") == Duration::zero());
}

TEST_CASE("a way names every node that it passes, in order, and the round trip of each step") {
  const Topology topology(world({{"a", "b", milliseconds(100)},
                                 {"a", "c", milliseconds(10)},
                                 {"c", "b", milliseconds(20)},
                                 {"b", "lb", milliseconds(1)}}));
  const auto way = topology.way("a", "lb").value();
  std::vector<std::string> names;
  for (const std::size_t node : way.nodes) names.push_back(topology.name_of(node));
  CHECK(names == std::vector<std::string>{"a", "c", "b", "lb"});
  CHECK(way.round_trips == std::vector<Duration>{milliseconds(10), milliseconds(20), milliseconds(1)});
  CHECK(way.round_trip == milliseconds(31));
  const auto back = topology.way("lb", "a").value();
  CHECK(std::equal(back.nodes.begin(), back.nodes.end(), way.nodes.rbegin(), way.nodes.rend()));
  CHECK(topology.way("c", "c") == Topology::Way{.nodes = {2}, .round_trips = {}, .round_trip = Duration::zero()});
  CHECK_FALSE(topology.way("a", "lonely"));
  CHECK_FALSE(topology.way("a", "nobody"));
}

TEST_CASE("without any path a way is one step that takes no time") {
  const Topology topology(world({}));
  CHECK(topology.way("a", "lb") ==
        Topology::Way{.nodes = {0, 4}, .round_trips = {Duration::zero()}, .round_trip = Duration::zero()});
}

TEST_CASE("a path from a group to itself is the way between its hosts") {
  const Topology topology(world({{"a", "a", milliseconds(5)}, {"a", "b", milliseconds(2)}}));
  CHECK(topology.round_trip("a", "a") == milliseconds(5));
  CHECK(topology.round_trip("a", "b") == milliseconds(2));
  CHECK(topology.way("a", "a") == Topology::Way{.nodes = {0}, .round_trips = {}, .round_trip = milliseconds(5)});
  CHECK(topology.way("a", "b")->round_trips == std::vector<Duration>{milliseconds(2)});
}

TEST_CASE("round trips too long to add up are no route, not a short one") {
  const Topology topology(world({{"a", "b", Duration::max() - Duration(1)}, {"b", "c", Duration(10)}}));
  CHECK(topology.round_trip("a", "b") == Duration::max() - Duration(1));
  CHECK_FALSE(topology.round_trip("a", "c"));
}

TEST_CASE("an address leads to the host of the group that has it") {
  Scenario scenario;
  scenario.hosts.emplace("clients", group("clients", "10.1.0.0", 300, 4));
  scenario.hosts.emplace("v6", group("v6", "2001:db8::ffff:ffff:ffff:fff0", 64));
  scenario.hosts.emplace("server", group("server", "10.2.0.1/24"));
  const Topology topology(scenario);
  const auto owner = [&](const char* text) { return topology.owner_of(*IpAddress::parse(text)); };
  CHECK(owner("10.1.0.0") == Topology::Owner{"clients", 0});
  CHECK(owner("10.1.4.172") == Topology::Owner{"clients", 299});
  CHECK_FALSE(owner("10.1.4.176"));
  CHECK_FALSE(owner("10.1.0.1"));
  CHECK_FALSE(owner("10.0.255.255"));
  CHECK(owner("2001:db8:0:1::2") == Topology::Owner{"v6", 18});
  CHECK(owner("10.2.0.1") == Topology::Owner{"server", 0});
  CHECK(owner("::ffff:10.2.0.1") == Topology::Owner{"server", 0});
  CHECK_FALSE(owner("10.2.0.2"));
  CHECK_FALSE(owner("127.0.0.1"));
}
