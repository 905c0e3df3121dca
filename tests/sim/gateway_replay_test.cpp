// Runs through a gateway: who gets a port, who does not, and what each of them sees.
#include <algorithm>
#include <string>
#include <utility>

#include "sim/replay.hpp"
#include "tests/catch.hpp"
#include "tests/sim/small_world.hpp"
#include "tests/small_gateway.hpp"

namespace netlimits::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Gateway some_gateway(std::uint16_t ports) { return tests::small_gateway("nat-1", "203.0.113.7", {"client"}, ports); }

// `clients` hosts that make one connection each, through a gateway with so many ports.
Scenario behind_gateway(std::uint64_t clients, std::uint16_t ports) {
  Scenario scenario = small_world({.ports = 1000, .connections = clients});
  HostGroup& client = scenario.hosts.at("client");
  client.count = clients;
  client.addresses = {*AddressBlock::parse("10.1.0.1/16")};
  scenario.paths = {{.a = "client", .b = "nat-1", .round_trip = milliseconds(2)},
                    {.a = "nat-1", .b = "server", .round_trip = milliseconds(10)}};
  scenario.gateways = {{"nat-1", some_gateway(ports)}};
  return scenario;
}

const LimitUse* ports_of_gateway(const RunResult& result) {
  const auto found = std::find_if(result.limits.begin(), result.limits.end(), [](const LimitUse& use) {
    return use.limit == Limit::nat_ports || use.limit == Limit::nat_block;
  });
  return found == result.limits.end() ? nullptr : &*found;
}

TEST_CASE("as many are held as the gateway has ports, and the others wait in vain") {
  const RunResult result = replay(behind_gateway(60, 40));
  const WorkloadResult& load = result.workloads.at("load");
  CHECK(load.established == 40);
  CHECK(result.held_peak == 40);
  REQUIRE(load.failures.size() == 1);
  CHECK(load.failures[0].limit == Limit::nat_ports);
  CHECK(load.failures[0].error == Error::etimedout);
  CHECK(load.failures[0].place.text() == "nat-1 203.0.113.7 -> 10.0.0.9:443");
  REQUIRE(result.binding);
  CHECK(result.binding->limit == Limit::nat_ports);
  const LimitUse* ports = ports_of_gateway(result);
  REQUIRE(ports != nullptr);
  CHECK(ports->peak == 40);
  CHECK(ports->capacity == 40);
  CHECK(ports->exhausted);
  CHECK(ports->first_exhausted_at == SimTime(milliseconds(1)));
}

TEST_CASE("the way leads to the gateway and from there to the server") {
  const RunResult result = replay(behind_gateway(1, 40));
  CHECK(result.workloads.at("load").established == 1);
  CHECK(result.ended_at == SimTime(milliseconds(18)));  // SYN and its answer; the last ACK arrives
}

TEST_CASE("a gateway that resets whom it has no port for is heard of at once") {
  Scenario scenario = behind_gateway(60, 40);
  scenario.gateways.at("nat-1").nat.when_full = NatWhenFull::reset;
  const RunResult result = replay(scenario);
  const WorkloadResult& load = result.workloads.at("load");
  CHECK(load.established == 40);
  REQUIRE(load.failures.size() == 1);
  CHECK(load.failures[0].error == Error::econnrefused);
  CHECK(load.failures[0].limit == Limit::nat_ports);
  CHECK(load.failures[0].first_at == SimTime(milliseconds(2)));
}

TEST_CASE("each host has its block, and the hosts of a group share a place") {
  Scenario scenario = behind_gateway(3, 30);
  scenario.workloads.at("load").connections = 40;
  scenario.gateways.at("nat-1").nat.block = 10;
  const RunResult result = replay(scenario);
  CHECK(result.workloads.at("load").established == 30);
  const LimitUse* ports = ports_of_gateway(result);
  REQUIRE(ports != nullptr);
  CHECK(ports->limit == Limit::nat_block);
  CHECK(ports->place.text() == "nat-1 client[3] -> 10.0.0.9:443");
  CHECK(ports->peak == 10);
}

TEST_CASE("ports of connections that are over are missing until the gateway gives them again") {
  Scenario scenario = behind_gateway(1, 10);
  Workload& load = scenario.workloads.at("load");
  load.connections = 200;
  load.arrivals = ConstantRate{seconds(1)};
  load.hold = HoldConstant{milliseconds(100)};
  scenario.hosts.at("client").settings.syn_retries = 0;
  scenario.hosts.at("client").settings.syn_linear_timeouts = 0;
  const RunResult result = replay(scenario);
  const WorkloadResult& found = result.workloads.at("load");
  // Ten of each 121: the ports of the first ones are free again 120 s after the last segment of each.
  CHECK(found.established == 20);
  CHECK(found.failed == 180);
  CHECK(found.failures[0].limit == Limit::nat_ports);
  CHECK(found.failures[0].first_after_established == 10);
}

TEST_CASE("a SYN that is sent again finds the port that is free by then") {
  Scenario scenario = behind_gateway(2, 1);
  Workload& load = scenario.workloads.at("load");
  load.hold = HoldConstant{milliseconds(100)};
  scenario.gateways.at("nat-1").nat.hold_after_close = milliseconds(500);
  const RunResult result = replay(scenario);
  CHECK(result.workloads.at("load").established == 2);
  CHECK(result.workloads.at("load").failed == 0);
  REQUIRE(ports_of_gateway(result) != nullptr);
  CHECK(ports_of_gateway(result)->exhausted);
}

TEST_CASE("hosts behind one gateway reach each other without it") {
  Scenario scenario = behind_gateway(20, 1);
  scenario.paths.clear();
  scenario.gateways.at("nat-1").hosts = {"client", "server"};
  const RunResult result = replay(scenario);
  CHECK(result.workloads.at("load").established == 20);
  CHECK(ports_of_gateway(result) == nullptr);
}

TEST_CASE("behind a gateway a balancer meets the gateway's address, and both ends close") {
  Scenario scenario = balanced_world(3, 60);
  scenario.paths.clear();
  scenario.gateways = {{"nat-1", some_gateway(50)}};
  Workload& load = scenario.workloads.at("load");
  load.hold = HoldConstant{seconds(1)};
  load.closer = Closer::server;
  const RunResult result = replay(scenario);
  const WorkloadResult& found = result.workloads.at("load");
  CHECK(found.established == 50);
  CHECK(found.open_at_end == 0);
  CHECK(found.lost == 0);
  CHECK(found.failed == 10);
  const LimitUse* ports = ports_of_gateway(result);
  REQUIRE(ports != nullptr);
  CHECK(ports->place.text() == "nat-1 203.0.113.7 -> 10.2.0.1:443");
  for (const BackEndResult& back_end : result.balancers.at("front"))
    CHECK((back_end.connections == 16 || back_end.connections == 17));
}

TEST_CASE("a server that refuses leaves the gateway's ports to those whose SYN comes again") {
  Scenario scenario = behind_gateway(30, 10);
  scenario.hosts.at("server").processes[0].listeners.clear();
  const RunResult result = replay(scenario);
  REQUIRE(result.workloads.at("load").failures.size() == 1);
  CHECK(result.workloads.at("load").failures[0].limit == Limit::no_listener);
  CHECK(result.workloads.at("load").failures[0].count == 30);
  CHECK(ports_of_gateway(result)->exhausted);
}

TEST_CASE("a server that does not answer keeps the gateway's ports from others for half_open") {
  Scenario scenario = behind_gateway(2, 1);
  Workload& load = scenario.workloads.at("load");
  load.arrivals = ConstantRate{seconds(125)};
  scenario.hosts.at("client").settings.syn_retries = 0;
  scenario.events = {{.at = time_zero, .what = HostDown{"server", 0}},
                     {.at = SimTime(seconds(60)), .what = HostUp{"server", 0}}};
  CHECK(replay(scenario).workloads.at("load").established == 1);
  scenario.gateways.at("nat-1").nat.half_open = seconds(126);
  CHECK(replay(scenario).workloads.at("load").established == 0);
}

TEST_CASE("netfilter's search gives all of a small range, and the same run again the same counts") {
  Scenario scenario = behind_gateway(300, 128);
  scenario.gateways.at("nat-1").nat.port_choice = NatPortChoice::kept_or_searched;
  CHECK(replay(scenario).workloads.at("load").established == 128);
  scenario = behind_gateway(400, 300);
  scenario.gateways.at("nat-1").nat.port_choice = NatPortChoice::kept_or_searched;
  scenario.hosts.at("client").settings.syn_retries = 0;
  const std::uint64_t first = replay(scenario).workloads.at("load").established;
  CHECK(first <= 300);
  CHECK(first >= 240);
  CHECK(replay(scenario).workloads.at("load").established == first);
}

}  // namespace
}  // namespace netlimits::sim
