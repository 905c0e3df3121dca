// A gateway's ports as a stage of the flow network: against figures that are plain, and against runs of random worlds.
#include <rapidcheck.h>

#include <algorithm>
#include <string>

#include "analysis/capacity.hpp"
#include "analysis/pools/gateway_pool.hpp"
#include "sim/replay.hpp"
#include "tests/analysis/held_as_claimed.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"
#include "tests/small_gateway.hpp"

using namespace netlimits;
using namespace netlimits::analysis;
using std::chrono::seconds;

namespace {

Scenario through_gateway(std::uint64_t connections, std::uint16_t ports) {
  Scenario scenario = outbound(connections);
  scenario.gateways.emplace("nat-1", tests::small_gateway("nat-1", "203.0.113.7", {"client"}, ports));
  return scenario;
}

}  // namespace

TEST_CASE("a gateway holds as many to one destination as it has ports, and what binds has its place") {
  const Capacity found = capacity(through_gateway(100, 64));
  CHECK(found.capacity == Interval::exactly(64));
  REQUIRE(found.binding.size() == 1);
  CHECK(found.binding[0].limit == Limit::nat_ports);
  CHECK(found.binding[0].place.text() == "nat-1 203.0.113.7 -> 10.1.0.9:443");
  CHECK(found.binding[0].capacity == Interval::exactly(64));
  CHECK(found.left_out.empty());
}

TEST_CASE("it holds as many to each of two destinations") {
  Scenario scenario = through_gateway(200, 64);
  add_destination(scenario, 8'000);
  CHECK(capacity(scenario).capacity == Interval::exactly(128));
}

TEST_CASE("once its ports are lifted the client's bind next") {
  Scenario scenario = through_gateway(2'000, 64);
  set_range(scenario, 40'000, 1'000);
  const Capacity found = capacity(scenario);
  REQUIRE_FALSE(found.ladder.empty());
  CHECK(found.ladder[0].capacity == Interval::exactly(1'000));
  CHECK(found.ladder[0].binding[0].limit == Limit::ephemeral_ports);
}

TEST_CASE("blocks are as many as there are hosts") {
  Scenario scenario = through_gateway(1'000, 1'000);
  HostGroup& client = scenario.hosts.at("client");
  client.count = 5;
  scenario.gateways.at("nat-1").nat.block = 30;
  const Capacity found = capacity(scenario);
  CHECK(found.capacity == Interval::exactly(150));
  REQUIRE(found.binding.size() == 1);
  CHECK(found.binding[0].limit == Limit::nat_block);
  CHECK(found.binding[0].place.text() == "nat-1 client[5] -> 10.1.0.9:443");
}

TEST_CASE("with a bounded search all ports are possible and fewer are sure, the more SYNs the more") {
  Scenario scenario = through_gateway(5'000, 4'096);
  scenario.gateways.at("nat-1").nat.port_choice = NatPortChoice::kept_or_searched;
  scenario.hosts.at("client").settings.syn_retries = 6;
  scenario.hosts.at("client").settings.syn_linear_timeouts = 0;
  const Interval often = capacity(scenario).capacity;
  scenario.hosts.at("client").settings.syn_retries = 0;
  const Interval once = capacity(scenario).capacity;
  CHECK(often.max == 4'096);
  CHECK(once.max == 4'096);
  CHECK(often.min > 2'000);
  CHECK(once.min < often.min);
  CHECK(once.min > 0);
}

TEST_CASE("ports that are kept after a close bound what is sustained, and are left out where there is no rate") {
  Scenario scenario = through_gateway(100, 64);
  scenario.gateways.at("nat-1").nat.hold_after_close = seconds(119);
  Workload& load = scenario.workloads.at("load");
  load.hold = HoldConstant{seconds(1)};
  load.arrivals = ConstantRate{seconds(1)};
  Capacity found = capacity(scenario);
  CHECK(found.left_out.empty());
  REQUIRE(found.steady_state.size() == 1);
  const SteadyState& steady = found.steady_state.front();
  REQUIRE(steady.bound_by);
  CHECK(steady.bound_by->limit == Limit::nat_ports);
  CHECK(steady.sustained_text() == "0.533");  // 64 ports / 120 s
  CHECK(steady.offered_more);
  REQUIRE_FALSE(found.binding.empty());
  CHECK(found.binding.front().limit == Limit::nat_ports);
  CHECK_FALSE(found.binding_is_open);

  load.connections = 64;  // a port for each, however long they are kept
  found = capacity(scenario);
  CHECK(found.steady_state.front().offered_more);
  CHECK(found.binding.empty());

  load.connections = 100;
  load.arrivals = ConstantRate{seconds(2)};
  found = capacity(scenario);
  CHECK(found.binding.empty());
  CHECK_FALSE(found.steady_state.front().offered_more);

  load.arrivals = AtOnce{};
  load.connections = 70;
  CHECK(capacity(scenario).left_out == std::vector<std::string>{"ports that gateways keep after a close"});
  load.connections = 64;
  CHECK(capacity(scenario).left_out.empty());
}

TEST_CASE("a kernel's search may come to a port that is closing, so that more may get through") {
  Scenario scenario = through_gateway(100, 64);
  scenario.gateways.at("nat-1").nat.port_choice = NatPortChoice::kept_or_searched;
  scenario.gateways.at("nat-1").nat.hold_after_close = seconds(119);
  scenario.workloads.at("load").hold = HoldConstant{seconds(1)};
  scenario.workloads.at("load").arrivals = ConstantRate{seconds(1)};
  const Capacity found = capacity(scenario);
  CHECK(found.steady_state.front().sustained_text() == "0.533 to 1.000");
  CHECK(found.binding_is_open);
}

// ---- random worlds

namespace {

Scenario any_world() {
  const auto drawn = [](std::uint64_t low, std::uint64_t high) {
    return *rc::gen::inRange<std::uint64_t>(low, high + 1);
  };
  Scenario scenario = outbound(0, 100'000, drawn(8, 60));
  scenario.seed = drawn(1, 1'000'000);
  scenario.workloads.clear();
  HostGroup& server = scenario.hosts.at("server");
  const std::uint64_t destinations = drawn(1, 3);
  for (std::uint64_t d = 1; d < destinations; ++d) {
    server.processes.front().listeners.push_back(
        {.endpoint = *Endpoint::parse("0.0.0.0:" + std::to_string(8'000 + d))});
  }
  scenario.hosts.erase("client");
  const std::uint64_t groups = drawn(1, 3);
  std::vector<std::string> behind;
  std::uint64_t hosts = 0;
  for (std::uint64_t g = 0; g < groups; ++g) {
    const std::string name = "client-" + std::to_string(g);
    HostGroup group = host(name, ("10.0." + std::to_string(g) + ".5").c_str(), drawn(1, 4));
    group.processes.push_back({.name = "app", .nofile = drawn(3, 40)});
    group.settings.local_port_range = {Port{40'000}, Port{static_cast<std::uint16_t>(40'000 + 2 * drawn(1, 12) - 1)}};
    group.settings.syn_retries = static_cast<std::uint32_t>(drawn(0, 2));
    Workload load;
    load.name = "load-" + std::to_string(g);
    load.from_host = name;
    load.from_process = "app";
    load.to = {*Endpoint::parse("10.1.0.9:443")};
    for (std::uint64_t d = 1; d < destinations; ++d)
      load.to.push_back(*Endpoint::parse("10.1.0.9:" + std::to_string(8'000 + d)));
    load.connections = drawn(1, 60);
    if (drawn(0, 1) == 1) load.arrivals = ConstantRate{std::chrono::milliseconds(drawn(1, 50))};
    scenario.workloads.emplace(load.name, load);
    if (g == 0 || drawn(0, 3) > 0) {
      behind.push_back(name);
      hosts += group.count;
    }
    scenario.hosts.emplace(name, std::move(group));
  }
  Gateway made = tests::small_gateway("nat-1", "203.0.113.7", behind, static_cast<std::uint16_t>(drawn(1, 60)));
  switch (drawn(0, 4)) {
    case 0:
      made.nat.port_choice = NatPortChoice::kept_or_searched;
      break;
    case 1:
      made.nat.per_destination = static_cast<std::uint32_t>(drawn(1, 30));
      made.addresses.push_back(*IpAddress::parse("203.0.113.8"));
      break;
    case 2:
      made.nat.block = static_cast<std::uint32_t>(drawn(1, 12));
      made.nat.ports = {Port{2'000}, Port{static_cast<std::uint16_t>(2'000 + made.nat.block * hosts - 1)}};
      break;
    case 3:
      made.nat.when_full = NatWhenFull::reset;
      break;
    default:
      break;
  }
  scenario.gateways.emplace("nat-1", std::move(made));
  return scenario;
}

}  // namespace

TEST_CASE("a run of a random world through a gateway holds what the capacity says") {
  CHECK(rc::check([] { run_holds_what_is_claimed(any_world()); }));
}
