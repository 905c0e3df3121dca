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

TEST_CASE("a path from a group to itself is the way between its hosts") {
  const Topology topology(world({{"a", "a", milliseconds(5)}, {"a", "b", milliseconds(2)}}));
  CHECK(topology.round_trip("a", "a") == milliseconds(5));
  CHECK(topology.round_trip("a", "b") == milliseconds(2));
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
