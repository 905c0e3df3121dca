// The ladder of hand-made scenarios: what is held, what binds, what comes next.
#include "analysis/capacity.hpp"

#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;

namespace {

std::string words(const std::vector<Binding>& binding) {
  std::string text;
  for (const Binding& one : binding) {
    if (!text.empty()) text += "; ";
    text += std::string(name_of(one.limit)) + " " + one.place.text() + " " + std::to_string(one.capacity.min);
  }
  return text;
}

}  // namespace

TEST_CASE("what is asked for is held when nothing binds, and the ladder says what would") {
  const Capacity found = capacity(outbound(12'000));
  CHECK(found.capacity == Interval::exactly(12'000));
  CHECK(found.asked == 12'000);
  CHECK(found.binding.empty());
  REQUIRE(found.ladder.size() == 2);
  CHECK(found.ladder[0].capacity == Interval::exactly(28'232));
  CHECK(words(found.ladder[0].binding) == "ephemeral_ports client 10.0.0.5 -> 10.1.0.9:443 28232");
  CHECK(found.ladder[1].capacity == Interval::exactly(65'535));
  CHECK(words(found.ladder[1].binding) == "four_tuple client 10.0.0.5 -> 10.1.0.9:443 65535");
}

TEST_CASE("the ladder climbs from limit to limit as each is lifted") {
  const Capacity found = capacity(outbound(60'000, 20'000, 50'000));
  CHECK(found.capacity == Interval::exactly(19'997));
  CHECK(words(found.binding) == "fd_per_process client/app 19997");
  REQUIRE(found.ladder.size() == 3);
  CHECK(found.ladder[0].capacity == Interval::exactly(28'232));
  CHECK(found.ladder[1].capacity == Interval::exactly(49'996));
  CHECK(words(found.ladder[1].binding) == "fd_per_process server/web 49996");
  CHECK(found.ladder[2].capacity == Interval::exactly(65'535));
}

TEST_CASE("a full server holds what it accepted; its clients also count those in the accept queue") {
  Scenario scenario = outbound(3'000, 100'000, 2'048);
  Listener& listener = scenario.hosts.at("server").processes.front().listeners.front();
  listener.backlog = 128;
  CHECK(capacity(scenario).capacity == Interval::exactly(2'044));
  CHECK(capacity(scenario).established == Interval::exactly(2'173));
  scenario.hosts.at("server").settings.somaxconn = 10;
  CHECK(capacity(scenario).established == Interval::exactly(2'055));
  listener.backlog = -1;
  CHECK(capacity(scenario).established == Interval::exactly(2'055));
  listener.accept = AcceptStalled{};
  const Capacity stalled = capacity(scenario);
  CHECK(stalled.capacity == Interval::exactly(0));
  CHECK(stalled.established == Interval::exactly(11));
  CHECK(words(stalled.binding) == "listen_backlog server/web 0.0.0.0:443 0");
}

TEST_CASE("several destinations, several addresses: how the program binds decides what they add") {
  Scenario two = outbound(60'000);
  add_destination(two, 8443);
  CHECK(capacity(two).capacity == Interval::exactly(56'464));

  Scenario addresses = outbound(200'000, 1'000'000, 1'000'000);
  for (int i = 0; i < 3; ++i) add_source(addresses);
  Workload& load = addresses.workloads.at("load");
  CHECK(capacity(addresses).capacity == Interval::exactly(28'232));  // plain connect never moves on
  load.bind = BindAddressNoPort{};
  CHECK(capacity(addresses).capacity == Interval::exactly(112'928));
  add_destination(addresses, 8443);
  CHECK(capacity(addresses).capacity == Interval::exactly(200'000));
  load.bind = BindAddress{};  // one pool an address, whatever the destination
  CHECK(capacity(addresses).capacity == Interval::exactly(112'928));
  CHECK(words({capacity(addresses).binding.front()}) == "ephemeral_ports client 10.0.0.5 -> * 28232");
  auto windows = std::make_shared<OsProfile>();
  windows->rules.connect_sharing = windows->rules.bound_sharing = PortSharing::host_port;
  windows->rules.set(Rule::connect_first_parity, false);
  windows->rules.set(Rule::bind_first_parity, false);
  windows->rules.set(Rule::descriptors_process, false);
  addresses.hosts.at("client").profile = windows;
  CHECK(capacity(addresses).capacity == Interval::exactly(28'232));
  CHECK(words(capacity(addresses).binding) == "ephemeral_ports client * -> * 28232");
}

TEST_CASE("named ports: shared ones are limited per destination, others once for all") {
  Scenario scenario = outbound(3);
  add_destination(scenario, 8443);
  Workload& load = scenario.workloads.at("load");
  load.bind = BindExplicit{.ports = {{Port{40000}, Port{40000}}}, .reuse_address = true};
  CHECK(capacity(scenario).capacity == Interval::exactly(2));
  CHECK(words(capacity(scenario).binding) == "four_tuple client 10.0.0.5 -> 10.1.0.9:443 1");
  load.bind = BindExplicit{.ports = {{Port{40000}, Port{40000}}}};
  CHECK(capacity(scenario).capacity == Interval::exactly(1));
  CHECK(capacity(scenario).binding.front().limit == Limit::port_in_use);
  // 20 connections walk two destinations with each port: 10 ports, half of the binds meet their own port in use.
  load.bind = BindExplicit{.ports = {{Port{40000}, Port{40099}}}};
  load.connections = 20;
  CHECK(capacity(scenario).capacity == Interval::exactly(10));
}

TEST_CASE("where the kernel draws the answer is an interval") {
  Scenario odd = outbound(100);
  set_range(odd, 40'000, 51);
  CHECK(capacity(odd).capacity == Interval{50, 51});
  odd.workloads.at("load").connections = 50;
  CHECK(capacity(odd).capacity == Interval::exactly(50));

  Scenario spread = outbound(150);
  Process& web = spread.hosts.at("server").processes.front();
  web.nofile = 64;
  web.count = 4;
  web.listeners.front().reuse_port = true;
  web.listeners.front().backlog = 4;
  CHECK(capacity(spread).capacity == Interval{60, 150});
  CHECK(capacity(spread).established == Interval{65, 150});
  web.listeners.front().reuse_port = false;
  web.listeners.front().inherited = true;
  spread.workloads.at("load").connections = 1'000;
  CHECK(capacity(spread).capacity == Interval::exactly(240));
  CHECK(capacity(spread).established == Interval::exactly(245));
}

TEST_CASE("both ends on one host count twice in its file table, both in one process twice in its descriptors") {
  Scenario scenario = outbound(1'000, 100'000, 100'000);
  scenario.hosts.erase("server");
  HostGroup& client = scenario.hosts.at("client");
  client.processes.push_back({.name = "web", .listeners = {{.endpoint = *Endpoint::parse("127.0.0.1:443")}}});
  client.processes.back().nofile = 100'000;
  scenario.workloads.at("load").to = {*Endpoint::parse("127.0.0.1:443")};
  client.settings.file_max = 107;  // 3 and 3 of their own, one listener: 100 left
  CHECK(capacity(scenario).capacity == Interval::exactly(50));
  CHECK(words(capacity(scenario).binding) == "fd_per_host client 50");
  client.settings.file_max = Settings{}.file_max;
  CHECK(capacity(scenario).capacity == Interval::exactly(1'000));

  client.processes.front().listeners = client.processes.back().listeners;
  client.processes.pop_back();
  client.processes.front().nofile = 105;  // 101 left: 50 pairs, and one client's end waits for its other end
  CHECK(capacity(scenario).capacity == Interval::exactly(50));
  CHECK(capacity(scenario).established == Interval::exactly(51));
}

TEST_CASE("nobody listens, nobody is there, no way leads there: nothing is held and the reason is named") {
  Scenario scenario = outbound(10);
  Workload& load = scenario.workloads.at("load");
  load.to = {*Endpoint::parse("10.1.0.9:444")};
  CHECK(words(capacity(scenario).binding) == "no_listener client 10.0.0.5 -> 10.1.0.9:444 0");
  load.to = {*Endpoint::parse("10.1.0.8:443")};
  CHECK(words(capacity(scenario).binding) == "no_route client 10.0.0.5 -> 10.1.0.8:443 0");
  load.to = {*Endpoint::parse("10.1.0.9:443")};
  scenario.hosts.emplace("other", host("other", "10.9.0.1"));
  scenario.paths = {{"client", "other", std::chrono::milliseconds(1)}};
  CHECK(words(capacity(scenario).binding) == "no_route client 10.0.0.5 -> 10.1.0.9:443 0");
  CHECK(capacity(scenario).capacity == Interval::exactly(0));
}

TEST_CASE("a balancer deals out what arrives: a full back end does not send its share to the others") {
  Scenario scenario = outbound(300);
  HostGroup small = host("small", "10.2.0.1");
  small.processes.push_back({.name = "web", .nofile = 24, .listeners = {{.endpoint = *Endpoint::parse("0.0.0.0:80")}}});
  HostGroup large = host("large", "10.2.0.2", 2);
  large.processes.push_back(
      {.name = "web", .nofile = 1'024, .listeners = {{.endpoint = *Endpoint::parse("0.0.0.0:80")}}});
  scenario.hosts.emplace("small", small);
  scenario.hosts.emplace("large", large);
  Balancer balancer{.name = "lb", .endpoint = *Endpoint::parse("192.0.2.10:443")};
  for (const char* back_end : {"10.2.0.1:80", "10.2.0.2:80", "10.2.0.3:80"}) {
    balancer.back_ends.push_back(*Endpoint::parse(back_end));
  }
  scenario.balancers.emplace("lb", balancer);
  scenario.workloads.at("load").to = {balancer.endpoint};
  const Capacity found = capacity(scenario);
  CHECK(found.capacity == Interval::exactly(220));
  CHECK(words(found.binding) == "fd_per_process small/web 20");
  REQUIRE(found.without.size() == 3);
  CHECK(found.without[0].host == "small");
  CHECK(found.without[0].capacity == Interval::exactly(300));
  CHECK(found.without[1].host == "large[0]");
  CHECK(found.without[1].capacity == Interval::exactly(170));

  // When the clients' own ports run out, fewer arrive, and the shares shrink with them.
  set_range(scenario, 40'000, 150);
  const Capacity short_of_ports = capacity(scenario);
  CHECK(short_of_ports.capacity == Interval::exactly(120));
  CHECK(words(short_of_ports.binding) ==
        "fd_per_process small/web 20; ephemeral_ports client 10.0.0.5 -> 192.0.2.10:443 150");
}

TEST_CASE("a group of a million clients costs as much as one") {
  Scenario scenario = outbound(3'000'001, 100'000, 10'000'000);
  scenario.hosts.at("client").count = 1'000'000;
  scenario.hosts.at("client").addresses = {*AddressBlock::parse("100.64.0.0/10")};
  for (std::uint16_t port = 8'000; port < 8'007; ++port) add_destination(scenario, port);
  const Capacity found = capacity(scenario);
  CHECK(found.capacity == Interval::exactly(3'000'001));
  REQUIRE_FALSE(found.ladder.empty());
  CHECK(words(found.ladder[0].binding) == "fd_per_process server/web 9999989");
}

TEST_CASE("workloads that bind differently on one host can take ports from each other") {
  Scenario scenario = outbound(60);
  set_range(scenario, 40'000, 50);
  Workload bound = scenario.workloads.at("load");
  bound.name = "bound";
  bound.bind = BindAddress{};
  bound.connections = 20;
  scenario.workloads.emplace("bound", bound);
  CHECK(capacity(scenario).capacity == Interval::exactly(50));  // one port, one four-tuple
  CHECK(capacity(scenario).notes.size() == 1);
}
