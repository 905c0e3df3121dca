// What a twin scales, what it leaves, and what it says of both.
#include "model/scenario/twin.hpp"

#include "model/net/bounded_time.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/setting.hpp"
#include "tests/catch.hpp"

namespace netlimits {
namespace {

std::shared_ptr<const OsProfile> linux_profile() {
  auto profile = std::make_shared<OsProfile>();
  profile->name = "linux";
  profile->system = "linux";
  return profile;
}

HostGroup host(const std::string& name, const std::string& address, std::uint64_t nofile) {
  HostGroup group;
  group.name = name;
  group.profile = linux_profile();
  group.addresses.push_back(*AddressBlock::parse(address));
  Process process;
  process.name = "program";
  process.nofile = nofile;
  group.processes.push_back(process);
  return group;
}

Scenario exhaustion(std::uint64_t connections) {
  Scenario scenario;
  scenario.hosts.emplace("client", host("client", "10.0.0.5", 1048576));
  HostGroup server = host("server", "10.1.0.9", 1048576);
  server.processes[0].listeners.push_back({.endpoint = *Endpoint::parse("10.1.0.9:443"), .accept = {}});
  scenario.hosts.emplace("server", server);
  Workload load;
  load.name = "load";
  load.from_host = "client";
  load.from_process = "program";
  load.to = {*Endpoint::parse("10.1.0.9:443")};
  load.connections = connections;
  scenario.workloads.emplace("load", load);
  return scenario;
}

}  // namespace

TEST_CASE("a divisor of one changes nothing") {
  const Twin twin = scaled_down(exhaustion(30000), 1);
  CHECK(twin.changes.empty());
  CHECK(twin.scenario.workloads.at("load").connections == 30000);
  CHECK(twin.scenario.hosts.at("client").settings == Settings{});
}

TEST_CASE("ports, descriptors, queues and connections shrink together") {
  Scenario scenario = exhaustion(30000);
  scenario.hosts.at("server").processes[0].nofile = 2048;
  scenario.hosts.at("server").processes[0].listeners[0].backlog = 127;
  const Twin twin = scaled_down(scenario, 8);
  CHECK(twin.scenario.workloads.at("load").connections == 3750);
  CHECK(twin.scenario.hosts.at("client").settings.local_port_range.size().value == 3530);
  const Process& server = twin.scenario.hosts.at("server").processes[0];
  CHECK(server.nofile == 4 + 2044 / 8);
  CHECK(server.listeners[0].backlog == 15);
  CHECK_FALSE(twin.changes.empty());
}

TEST_CASE("an odd number of ports stays odd, an even one even, and none vanishes") {
  const int size = GENERATE(1, 2, 3, 7, 20, 301, 28232);
  const std::uint64_t divisor = GENERATE(2U, 3U, 10, 1000, 100000);
  Scenario scenario = exhaustion(100);
  scenario.hosts.at("client").settings.local_port_range = {Port{32768}, Port{static_cast<std::uint16_t>(32767 + size)}};
  const Twin twin = scaled_down(scenario, divisor);
  const std::uint32_t scaled = twin.scenario.hosts.at("client").settings.local_port_range.size().value;
  CHECK(scaled % 2 == static_cast<std::uint32_t>(size) % 2);
  CHECK(scaled >= 1);
  CHECK(scaled <= static_cast<std::uint32_t>(size));
}

TEST_CASE("connections from before keep their share of the range and meet nobody") {
  Scenario scenario = exhaustion(1000);
  HostGroup& client = scenario.hosts.at("client");
  client.settings.local_port_range = {Port{40000}, Port{40999}};
  client.held_ports.push_back({IpAddress::any(Family::inet), {Port{40900}, Port{40999}}});
  HeldConnections held{*IpAddress::parse("10.0.0.5"), *Endpoint::parse("10.1.0.9:443"), {}};
  for (std::uint16_t i = 0; i < 300; ++i)
    held.ports.push_back(
        {Port{static_cast<std::uint16_t>(40000 + 2 * i)}, Port{static_cast<std::uint16_t>(40000 + 2 * i)}});
  held.ports.push_back({Port{50000}, Port{50000}});  // outside the range
  client.held_connections.push_back(held);
  const Twin twin = scaled_down(scenario, 10);
  const HostGroup& made = twin.scenario.hosts.at("client");
  CHECK(made.settings.local_port_range.size().value == 100);
  REQUIRE(made.held_connections.size() == 1);
  std::uint32_t inside = 0;
  for (const PortRange& range : made.held_connections[0].ports) {
    if (range.first.value == 50000) continue;
    inside += range.size().value;
    CHECK(made.settings.local_port_range.contains(range.first));
    CHECK(made.settings.local_port_range.contains(range.last));
    CHECK(range.last < made.held_ports[0].ports.first);
  }
  CHECK(inside == 30);
  CHECK(made.held_connections[0].ports.back().last == Port{50000});
}

TEST_CASE("rates shrink with counts, so that moments stay") {
  Scenario scenario = exhaustion(60000);
  Workload& load = scenario.workloads.at("load");
  load.arrivals = ConstantRate{std::chrono::milliseconds(1)};
  const Twin twin = scaled_down(scenario, 100);
  const Workload& scaled = twin.scenario.workloads.at("load");
  CHECK(scaled.connections == 600);
  CHECK(std::get<ConstantRate>(scaled.arrivals).interval == std::chrono::milliseconds(100));
}

TEST_CASE("of many client hosts fewer remain, and each keeps its limits") {
  Scenario scenario = exhaustion(5000);
  scenario.hosts.at("client").count = 5000;
  const Twin twin = scaled_down(scenario, 10);
  CHECK(twin.scenario.hosts.at("client").count == 500);
  CHECK(twin.scenario.hosts.at("client").settings.local_port_range == Settings{}.local_port_range);
  CHECK(twin.scenario.hosts.at("client").processes[0].nofile == 1048576);
  CHECK(twin.scenario.workloads.at("load").connections == 500);
}

TEST_CASE("hosts that are named one by one keep their number, and their limits shrink instead") {
  Scenario scenario = exhaustion(5000);
  scenario.hosts.at("server").count = 3;
  scenario.workloads.at("load").to = {*Endpoint::parse("10.1.0.9:443"), *Endpoint::parse("10.1.0.11:443")};
  scenario.hosts.at("server").processes[0].nofile = 1004;
  const Twin twin = scaled_down(scenario, 10);
  CHECK(twin.scenario.hosts.at("server").count == 3);
  CHECK(twin.scenario.hosts.at("server").processes[0].nofile == 104);
}

TEST_CASE("the ports of a gateway shrink with the connections of all its clients, a block with those of its host") {
  Scenario scenario = exhaustion(60'000);
  scenario.hosts.at("client").count = 30;
  Gateway gateway;
  gateway.name = "nat";
  gateway.hosts = {"client"};
  gateway.nat.per_destination = 55'000;
  scenario.gateways = {{"nat", gateway}};
  const NatSettings shared = scaled_down(scenario, 10).scenario.gateways.at("nat").nat;
  CHECK(shared.ports.size().value == 6'452);  // an even number stays even
  CHECK(shared.per_destination == 5'500);
  scenario.gateways.at("nat").nat.per_destination = 0;
  scenario.gateways.at("nat").nat.block = 64;
  const Twin blocks = scaled_down(scenario, 10);
  CHECK(blocks.scenario.hosts.at("client").count == 3);
  CHECK(blocks.scenario.gateways.at("nat").nat.block == 64);
}

TEST_CASE("what fits the machine is not scaled") {
  CHECK(divisor_for(exhaustion(30000), {}) == 1);
  CHECK(twin_for(exhaustion(30000), {}).changes.empty());
}

TEST_CASE("a descriptor limit above the machine's is scaled only where it can be met") {
  Scenario scenario = exhaustion(30000);
  scenario.hosts.at("server").processes[0].nofile = 25004;
  CHECK(divisor_for(scenario, {.nofile_hard = 20000}) == 2);
  scenario.hosts.at("server").processes[0].nofile = 40000;
  CHECK(divisor_for(scenario, {.nofile_hard = 20000}) == 1);
}

TEST_CASE("an unanswered SYN is waited for less, unless the scenario sets it or every SYN is answered") {
  Scenario scenario = exhaustion(100);
  CHECK(twin_for(scenario, {}).scenario.hosts.at("client").settings.syn_retries == 6);
  scenario.hosts.at("server").processes[0].nofile = 64;
  const Twin twin = twin_for(scenario, {});
  CHECK(twin.scenario.hosts.at("client").settings.syn_retries == 2);
  CHECK(twin.changes.size() == 1);
  scenario.hosts.at("client").set_by_scenario["net.ipv4.tcp_syn_retries"] = "6";
  CHECK(twin_for(scenario, {}).scenario.hosts.at("client").settings.syn_retries == 6);
}

TEST_CASE("a long scenario runs faster; where TIME_WAIT is part of it only its beginning runs") {
  Scenario scenario = exhaustion(3600);
  Workload& load = scenario.workloads.at("load");
  load.arrivals = ConstantRate{std::chrono::seconds(1)};
  SECTION("held for ever") {
    const Twin twin = twin_for(scenario, {.patience = std::chrono::seconds(36)});
    CHECK(std::get<ConstantRate>(twin.scenario.workloads.at("load").arrivals).interval ==
          std::chrono::milliseconds(10));
    CHECK(twin.changes.size() == 1);
  }
  SECTION("closed by the client") {
    load.hold = HoldConstant{std::chrono::seconds(1)};
    const Twin twin = twin_for(scenario, {.time_wait_patience = std::chrono::seconds(36)});
    CHECK(std::get<ConstantRate>(twin.scenario.workloads.at("load").arrivals).interval == std::chrono::seconds(1));
    CHECK(twin.scenario.end == SimTime(std::chrono::seconds(36)));
    CHECK(twin.changes.size() == 1);
  }
}

TEST_CASE("a scenario of centuries has a twin like any other") {
  constexpr Duration century = std::chrono::hours(24 * 36500);
  Scenario scenario = exhaustion(100);
  Workload& load = scenario.workloads.at("load");
  load.start = SimTime(century);
  load.hold = HoldExponential{century};
  SECTION("with TIME_WAIT its beginning is run") {
    const Twin twin = twin_for(scenario, {});
    CHECK(twin.scenario.end == SimTime(std::chrono::seconds(55)));
  }
  SECTION("without TIME_WAIT it is run faster, and nothing becomes instantaneous") {
    load.closer = Closer::reset;
    load.arrivals = ConstantRate{Duration(1)};
    load.retry.after = Duration(3);
    scenario.window = std::chrono::microseconds(1);
    const Twin twin = twin_for(scenario, {});
    const Workload& made = twin.scenario.workloads.at("load");
    CHECK(std::get<HoldExponential>(made.hold).mean > std::chrono::seconds(1));
    CHECK(std::get<HoldExponential>(made.hold).mean <= std::chrono::seconds(10));
    CHECK(made.start <= SimTime(std::chrono::seconds(10)));
    CHECK(std::get<ConstantRate>(made.arrivals).interval == Duration(1));
    CHECK(made.retry.after == Duration(1));
    CHECK(twin.scenario.window == Duration(1));
  }
  SECTION("rates that cannot be higher stay at the highest") {
    load.closer = Closer::reset;
    load.arrivals = PoissonRate{std::uint64_t{1} << 60U};
    const Twin twin = twin_for(scenario, {});
    CHECK(std::get<PoissonRate>(twin.scenario.workloads.at("load").arrivals).per_second_milli == most_count);
  }
}

TEST_CASE("what no sandbox can delay takes no time, and that is said") {
  Scenario scenario = exhaustion(100);
  scenario.paths.push_back({"client", "server", std::chrono::milliseconds(1)});
  for (const Twin& twin : {twin_for(scenario, {}), full_size(scenario)}) {
    CHECK(twin.scenario.paths[0].round_trip == Duration::zero());
    CHECK(twin.changes.size() == 1);
  }
}

TEST_CASE("what the scenario sets by name says the twin's value") {
  Scenario scenario = exhaustion(1000);
  HostGroup& client = scenario.hosts.at("client");
  REQUIRE(write_setting(client.settings, "linux", "net.ipv4.ip_local_port_range", "40000 40999"));
  client.set_by_scenario["net.ipv4.ip_local_port_range"] = "40000 40999";
  const Twin twin = scaled_down(scenario, 10);
  CHECK(twin.scenario.hosts.at("client").set_by_scenario.at("net.ipv4.ip_local_port_range") == "40000 40099");
}

}  // namespace netlimits
