// Which limit refuses first, where two are as full as each other, where turns are lost, and where chance decides.
#include <map>
#include <string>

#include "analysis/capacity.hpp"
#include "analysis/interval.hpp"
#include "model/scenario/places.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;

namespace {

Limit first(const std::vector<Binding>& binding) {
  REQUIRE(binding.size() == 1);
  return binding.front().limit;
}

// The connections go to a balancer, to the first server itself, and no two servers have the same share of them.
Scenario balanced(std::uint64_t connections, std::uint64_t server_nofile) {
  Scenario scenario = outbound(connections, 1000, server_nofile);
  HostGroup& server = scenario.hosts.at("server");
  server.addresses = {*AddressBlock::parse("10.1.0.1")};
  server.count = 3;
  Balancer front;
  front.name = "front";
  front.endpoint = *Endpoint::parse("192.0.2.1:443");
  for (const char* one : {"10.1.0.1:443", "10.1.0.2:443", "10.1.0.3:443"})
    front.back_ends.push_back(*Endpoint::parse(one));
  scenario.balancers.emplace("front", front);
  scenario.workloads.at("load").to = {front.endpoint, *Endpoint::parse("10.1.0.3:443")};
  return scenario;
}

// Two destinations, 14 ports named one after the other, none of which two sockets may have.
Scenario with_named_ports(std::uint64_t connections) {
  Scenario scenario = outbound(connections, 13);
  add_destination(scenario, 444);
  scenario.workloads.at("load").bind = BindExplicit{.ports = {{Port{50000}, Port{50013}}}};
  return scenario;
}

}  // namespace

TEST_CASE("where nothing fails nothing is tried again: with a retry rule the same is held as without one") {
  for (std::uint64_t connections = 1; connections <= 24; ++connections) {
    INFO(connections);
    Scenario scenario = balanced(connections, 7);
    const Capacity once = capacity(scenario);
    scenario.workloads.at("load").retry = {.attempts = 3, .after = std::chrono::milliseconds(100)};
    const Capacity again = capacity(scenario);
    CHECK(once.established == Interval::exactly(connections));
    CHECK(again.established == once.established);
    CHECK(again.capacity == once.capacity);
    CHECK(again.binding == once.binding);
  }
  // 3 for each server: half of them goes to the last one directly, and a sixth by way of the balancer.
  CHECK(capacity(balanced(12, 7)).capacity == Interval::exactly(7));
}

TEST_CASE("where some attempts fail, who is tried again may take the turns of another back end") {
  Scenario scenario = balanced(12, 7);
  scenario.hosts.at("server").processes.front().listeners.front().backlog = 0;
  const Capacity once = capacity(scenario);
  REQUIRE(once.established.min < 12);
  scenario.workloads.at("load").retry = {.attempts = 3, .after = std::chrono::milliseconds(100)};
  CHECK(capacity(scenario).capacity.max > once.capacity.max);
  CHECK(capacity(scenario).capacity.min == once.capacity.min);  // or none of them comes to one with room
}

TEST_CASE("of two limits that are full at one count, the one nearest to the client refuses") {
  Scenario scenario = outbound(11, 100, 6);  // the server takes two
  set_range(scenario, 40000, 2);
  SECTION("ports before the server's descriptors") {
    const Capacity found = capacity(scenario);
    CHECK(found.capacity == Interval::exactly(2));
    CHECK(first(found.binding) == Limit::ephemeral_ports);
    REQUIRE_FALSE(found.ladder.empty());
    CHECK(found.ladder.front().capacity == Interval::exactly(2));
    CHECK(first(found.ladder.front().binding) == Limit::fd_per_process);
  }
  SECTION("also where demand has yet to grow") {
    scenario.workloads.at("load").connections = 1;
    const Capacity found = capacity(scenario);
    CHECK(found.binding.empty());
    REQUIRE_FALSE(found.ladder.empty());
    CHECK(found.ladder.front().capacity == Interval::exactly(2));
    CHECK(first(found.ladder.front().binding) == Limit::ephemeral_ports);
  }
  SECTION("ports before the accept queue") {
    Listener& listener = scenario.hosts.at("server").processes.front().listeners.front();
    listener.accept = AcceptStalled{};
    listener.backlog = 1;
    const Capacity found = capacity(scenario);
    CHECK(found.established == Interval::exactly(2));
    CHECK(first(found.refusing) == Limit::ephemeral_ports);
  }
  SECTION("the client's descriptors before its ports, and before the server's") {
    scenario.hosts.at("client").processes.front().nofile = 5;
    const Capacity found = capacity(scenario);
    CHECK(first(found.binding) == Limit::fd_per_process);
    CHECK(found.binding.front().place.text() == "client/app");
  }
}

TEST_CASE("named ports that two destinations cannot share refuse at the second connection, whatever else binds") {
  const Capacity found = capacity(with_named_ports(24));
  CHECK(found.capacity == Interval::exactly(10));
  CHECK(first(found.binding) == Limit::port_in_use);
  REQUIRE_FALSE(found.ladder.empty());
  CHECK(found.ladder.front().capacity == Interval::exactly(10));
  CHECK(first(found.ladder.front().binding) == Limit::fd_per_process);
  // With one destination each connection has a port of its own.
  Scenario one = with_named_ports(24);
  one.workloads.at("load").to.resize(1);
  CHECK(first(capacity(one).binding) == Limit::fd_per_process);
}

TEST_CASE("a limit that refuses only with bad luck is not certain to break first") {
  Scenario scenario = outbound(12, 1000, 14);  // three of its own and the listener: ten for each of two programs
  Process& web = scenario.hosts.at("server").processes.front();
  web.count = 2;
  web.listeners.front().reuse_port = true;
  const Capacity found = capacity(scenario);
  CHECK(found.capacity == Interval{10, 12});
  CHECK(found.binding_is_open);
  scenario.workloads.at("load").connections = 30;
  CHECK_FALSE(capacity(scenario).binding_is_open);
}

TEST_CASE("workloads that take ports from each other: either of their limits is first, whoever comes first") {
  Scenario scenario = outbound(9, 11);
  set_range(scenario, 40002, 6);
  Workload more = scenario.workloads.at("load");
  more.name = "more";
  more.connections = 28;
  more.bind = BindAddress{};
  scenario.workloads.emplace("more", more);
  const Capacity found = capacity(scenario);
  CHECK(found.capacity == Interval::exactly(6));
  CHECK(found.binding.size() == 2);
  // Alone it has a pool of one size, whoever comes first.
  scenario.workloads.erase("more");
  CHECK_FALSE(capacity(scenario).binding_is_open);
}

TEST_CASE("one limit lifted alone: what is held then, and what binds") {
  Scenario scenario = outbound(11, 100, 6);
  set_range(scenario, 40000, 2);
  scenario.hosts.at("server").processes.front().nofile = 9;
  const HostGroup& client = scenario.hosts.at("client");
  const Binding ports = capacity(scenario).binding.front();
  CHECK(ports.place.host()->name == host_place(client).host()->name);
  const auto next = once_lifted(scenario, {{ports.limit, ports.place}});
  REQUIRE(next);
  CHECK(next->capacity == Interval::exactly(5));
  CHECK(first(next->binding) == Limit::fd_per_process);
}
