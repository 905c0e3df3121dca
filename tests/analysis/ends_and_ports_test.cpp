// Capacity where random scenarios found it wrong: what a bind takes, what a queue lets in, whose ends meet.
#include "analysis/capacity.hpp"
#include "model/systems/rule_book.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;

namespace {

Scenario naming_ports(std::uint16_t first, std::uint16_t last, std::uint64_t connections) {
  Scenario scenario = outbound(connections);
  scenario.workloads.at("load").bind = BindExplicit{.ports = {{Port{first}, Port{last}}}};
  return scenario;
}

}  // namespace

TEST_CASE("a named port that is held at one source is free at another") {
  Scenario scenario = naming_ports(40000, 40003, 8);
  HostGroup& client = scenario.hosts.at("client");
  client.addresses.push_back(*AddressBlock::parse("10.0.0.6"));
  client.held_ports.push_back({.address = *IpAddress::parse("10.0.0.6"), .ports = {Port{40002}, Port{40003}}});
  scenario.workloads.at("load").sources = {*IpAddress::parse("10.0.0.5"), *IpAddress::parse("10.0.0.6")};
  CHECK(capacity(scenario).capacity == Interval::exactly(6));
}

TEST_CASE("a named port without a source is bound at the wildcard, which both families share") {
  Scenario scenario = naming_ports(40000, 40000, 2);
  scenario.hosts.at("client").addresses.push_back(*AddressBlock::parse("2001:db8::5"));
  HostGroup& server = scenario.hosts.at("server");
  server.addresses.push_back(*AddressBlock::parse("2001:db8::9"));
  server.processes.front().listeners.front().endpoint = *Endpoint::parse("[::]:443");
  scenario.workloads.at("load").to.push_back(*Endpoint::parse("[2001:db8::9]:443"));
  CHECK(capacity(scenario).capacity == Interval::exactly(1));
  scenario.hosts.at("client").settings.ipv6_only_by_default = true;
  CHECK(capacity(scenario).capacity == Interval::exactly(2));
}

TEST_CASE("a port that a connection from before has until it ends is there at most") {
  Scenario scenario = naming_ports(40000, 40003, 4);
  HeldConnections held{.from = *IpAddress::parse("10.0.0.5"),
                       .to = *Endpoint::parse("10.9.9.9:80"),
                       .ports = {{Port{40001}, Port{40001}}}};
  scenario.hosts.at("client").held_connections = {held};
  CHECK(capacity(scenario).capacity == Interval::exactly(3));
  held.state = HeldConnectionState::fin_wait_2;
  held.ends_after = std::chrono::seconds(1);
  scenario.hosts.at("client").held_connections = {held};
  CHECK(capacity(scenario).capacity == Interval::exactly(3));  // all come at once
  scenario.workloads.at("load").arrivals = ConstantRate{.interval = std::chrono::seconds(1)};
  CHECK(capacity(scenario).capacity == Interval{3, 4});
}

TEST_CASE("without syncookies a backlog of 0 let nobody in before 6.12") {
  Scenario scenario = outbound(3);
  HostGroup& server = scenario.hosts.at("server");
  server.processes.front().listeners.front().backlog = 0;
  server.settings.syncookies = SynCookies::off;
  CHECK(capacity(scenario).capacity == Interval::exactly(3));
  auto before = std::make_shared<OsProfile>(*server.profile);
  before->rules.set(Rule::syn_queue_one_more, false);
  server.profile = before;
  const Capacity found = capacity(scenario);
  CHECK(found.capacity == Interval::exactly(0));
  REQUIRE_FALSE(found.binding.empty());
  CHECK(found.binding.front().limit == Limit::syn_backlog);
}

TEST_CASE("nobody reaches itself through a balancer") {
  Scenario scenario = outbound(6);
  HostGroup& client = scenario.hosts.at("client");
  client.processes.front().listeners.push_back({.endpoint = *Endpoint::parse("0.0.0.0:8080")});
  Balancer front;
  front.name = "front";
  front.endpoint = *Endpoint::parse("192.0.2.1:443");
  front.back_ends = {*Endpoint::parse("10.1.0.9:443"), *Endpoint::parse("10.0.0.5:8080")};
  scenario.balancers.emplace("front", front);
  scenario.workloads.at("load").to = {front.endpoint};
  CHECK(capacity(scenario).capacity == Interval::exactly(3));
  // Another client of the balancer makes it uncertain whose turn leads back.
  scenario.hosts.emplace("other", host("other", "10.0.0.7"));
  scenario.hosts.at("other").processes.push_back({.name = "app", .nofile = 1024});
  Workload more = scenario.workloads.at("load");
  more.name = "more";
  more.from_host = "other";
  scenario.workloads.emplace("more", more);
  CHECK(capacity(scenario).capacity == Interval{6, 12});
}

TEST_CASE("two listeners of a process: what accept() takes may be what could have waited") {
  Scenario scenario = outbound(6, 100'000, 5);  // three of its own and two listeners: no descriptor is left
  add_destination(scenario, 444);
  Process& web = scenario.hosts.at("server").processes.front();
  web.nofile = 7;
  web.listeners[0].backlog = 0;
  web.listeners[1].backlog = 511;
  const Capacity found = capacity(scenario);
  CHECK(found.capacity == Interval::exactly(2));
  CHECK(found.established.min == 4);  // one waits at 443, three at 444
  CHECK(found.established.max == 6);
}

TEST_CASE("both ends in one process: the next client may begin before the last one is accepted") {
  Scenario scenario = outbound(4);
  HostGroup& client = scenario.hosts.at("client");
  Process& app = client.processes.front();
  app.nofile = 8;  // three of its own, a listener, four left
  app.listeners.push_back({.endpoint = *Endpoint::parse("0.0.0.0:8080")});
  scenario.workloads.at("load").to = {*Endpoint::parse("10.0.0.5:8080")};
  CHECK(capacity(scenario).capacity == Interval::exactly(2));
  scenario.paths = {{.a = "client", .b = "client", .round_trip = std::chrono::milliseconds(50)},
                    {.a = "client", .b = "server", .round_trip = std::chrono::milliseconds(50)}};
  CHECK(capacity(scenario).capacity == Interval{0, 2});
  CHECK(capacity(scenario).established == Interval{2, 4});
}
