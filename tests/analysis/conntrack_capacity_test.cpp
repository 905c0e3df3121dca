// Tables of tracked connections as a stage of the flow network: against figures that are plain, and against runs of
// random worlds.
#include <rapidcheck.h>

#include <chrono>
#include <string>

#include "analysis/capacity.hpp"
#include "sim/replay.hpp"
#include "tests/analysis/held_as_claimed.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"
#include "tests/small_gateway.hpp"

using namespace netlimits;
using namespace netlimits::analysis;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

ConntrackSettings table_of(std::uint64_t max, std::uint64_t held = 0) {
  return {.max = max, .buckets = 262'144, .held = held};
}

void check_bound(const Scenario& scenario, std::uint64_t holds, const std::string& place) {
  const Capacity found = capacity(scenario);
  CHECK(found.capacity == Interval::exactly(holds));
  CHECK(found.left_out.empty());
  REQUIRE(found.binding.size() == 1);
  CHECK(found.binding[0].limit == Limit::conntrack_entries);
  CHECK(found.binding[0].place.text() == place);
}

}  // namespace

TEST_CASE("a table lets through what it has room for, at the client, at the server and at a gateway") {
  Scenario scenario = outbound(100);
  scenario.hosts.at("client").conntrack = table_of(64, 4);
  check_bound(scenario, 60, "client");
  scenario = outbound(100);
  scenario.hosts.at("server").conntrack = table_of(64, 4);
  check_bound(scenario, 60, "server");
  scenario = outbound(100);
  scenario.gateways.emplace("nat-1", tests::small_gateway("nat-1", "203.0.113.7", {"client"}, 90));
  scenario.gateways.at("nat-1").conntrack = table_of(64, 4);
  check_bound(scenario, 60, "nat-1");
}

TEST_CASE("each host of a group has a table of its own") {
  Scenario scenario = outbound(1'000);
  HostGroup& client = scenario.hosts.at("client");
  client.count = 5;
  client.conntrack = table_of(30);
  check_bound(scenario, 150, "client[5]");
}

TEST_CASE("destinations share a table, and each has its own ports") {
  Scenario scenario = outbound(80);
  add_destination(scenario, 8'000);
  set_range(scenario, 40'000, 40);
  scenario.hosts.at("client").conntrack = table_of(70);
  check_bound(scenario, 70, "client");
  scenario.hosts.at("client").conntrack = table_of(90);
  CHECK(capacity(scenario).capacity == Interval::exactly(80));
}

TEST_CASE("what several listeners turn away in silence may have the entries of others") {
  Scenario scenario = outbound(200, 100'000, 20);
  add_destination(scenario, 8'000);
  Process& web = scenario.hosts.at("server").processes.front();
  web.listeners[0].backlog = 5;
  web.listeners[1].backlog = 5;
  const Interval without = capacity(scenario).capacity;
  scenario.hosts.at("client").conntrack = table_of(60);
  const Interval with = capacity(scenario).capacity;
  CHECK(with.max == without.max);
  CHECK(with.min < without.min);
}

TEST_CASE("entries that stay after a close bound what is sustained") {
  Scenario scenario = outbound(1'000);
  scenario.hosts.at("server").conntrack = table_of(60);
  scenario.hosts.at("server").conntrack->time_wait = seconds(119);
  Workload& load = scenario.workloads.at("load");
  load.hold = HoldConstant{seconds(1)};
  load.arrivals = ConstantRate{seconds(1)};
  Capacity found = capacity(scenario);
  CHECK(found.left_out.empty());
  REQUIRE(found.steady_state.size() == 1);
  REQUIRE(found.steady_state.front().bound_by);
  CHECK(found.steady_state.front().bound_by->limit == Limit::conntrack_entries);
  CHECK(found.steady_state.front().sustained_text() == "0.500 to 1.000");  // 60 entries / 120 s
  CHECK(found.binding_is_open);

  load.connections = 60;  // an entry for each, however long they stay
  CHECK(capacity(scenario).binding.empty());

  load.connections = 100;
  load.arrivals = AtOnce{};
  found = capacity(scenario);
  CHECK(found.left_out == std::vector<std::string>{"entries that connection tracking keeps after a close"});
  CHECK(found.capacity.min == 0);
}

// ---- random worlds

namespace {

std::uint64_t between(std::uint64_t low, std::uint64_t high) { return *rc::gen::inRange<std::uint64_t>(low, high + 1); }

ConntrackSettings any_table() {
  ConntrackSettings table = table_of(between(1, 60));
  if (between(0, 1) == 0) table.buckets = table.max;
  if (between(0, 3) == 0) table.held = between(0, table.max);
  return table;
}

Scenario world_with_tables() {
  Scenario scenario = outbound(0, 100'000, between(8, 60));
  scenario.seed = between(1, 1'000'000);
  scenario.workloads.clear();
  scenario.hosts.erase("client");
  HostGroup& server = scenario.hosts.at("server");
  const std::uint64_t destinations = between(1, 3);
  for (std::uint64_t d = 1; d < destinations; ++d)
    server.processes.front().listeners.push_back({.endpoint = *Endpoint::parse("0.0.0.0:" + std::to_string(8'000 + d)),
                                                  .backlog = static_cast<std::int64_t>(between(0, 20))});
  if (between(0, 1) == 0) server.conntrack = any_table();
  const std::uint64_t groups = between(1, 3);
  std::vector<std::string> behind;
  for (std::uint64_t g = 0; g < groups; ++g) {
    const std::string name = "client-" + std::to_string(g);
    HostGroup group = host(name, ("10.0." + std::to_string(g) + ".5").c_str(), between(1, 4));
    group.processes.push_back({.name = "app", .nofile = between(3, 40)});
    group.settings.local_port_range = {Port{40'000}, Port{static_cast<std::uint16_t>(40'000 + 2 * between(1, 12) - 1)}};
    group.settings.syn_retries = static_cast<std::uint32_t>(between(0, 2));
    if (between(0, 1) == 0) group.conntrack = any_table();
    Workload load;
    load.name = "load-" + std::to_string(g);
    load.from_host = name;
    load.from_process = "app";
    load.to = {*Endpoint::parse("10.1.0.9:443")};
    for (std::uint64_t d = 1; d < destinations; ++d)
      load.to.push_back(*Endpoint::parse("10.1.0.9:" + std::to_string(8'000 + d)));
    load.connections = between(1, 60);
    if (between(0, 1) == 1) load.arrivals = ConstantRate{milliseconds(between(1, 50))};
    scenario.workloads.emplace(load.name, load);
    if (between(0, 2) == 0) behind.push_back(name);
    scenario.hosts.emplace(name, std::move(group));
  }
  if (behind.empty()) return scenario;
  Gateway made = tests::small_gateway("nat-1", "203.0.113.7", behind, static_cast<std::uint16_t>(between(1, 60)));
  if (between(0, 1) == 0) made.conntrack = any_table();
  scenario.gateways.emplace("nat-1", std::move(made));
  return scenario;
}

}  // namespace

TEST_CASE("a run of a random world with tables holds what the capacity says") {
  CHECK(rc::check([] { run_holds_what_is_claimed(world_with_tables()); }));
}
