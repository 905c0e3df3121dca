// Runs through tables of tracked connections: who gets an entry, who does not, and when one is there again.
#include <algorithm>
#include <chrono>

#include "sim/replay.hpp"
#include "tests/catch.hpp"
#include "tests/sim/small_world.hpp"
#include "tests/small_gateway.hpp"

namespace netlimits::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

ConntrackSettings table_of(std::uint64_t max) { return {.max = max, .buckets = 262'144}; }

Scenario tracked(const char* where, std::uint64_t connections, std::uint64_t max) {
  Scenario scenario = small_world({.ports = 1'000, .connections = connections});
  scenario.hosts.at(where).conntrack = table_of(max);
  return scenario;
}

const LimitUse* table_in(const RunResult& result) {
  const auto found = std::find_if(result.limits.begin(), result.limits.end(),
                                  [](const LimitUse& use) { return use.limit == Limit::conntrack_entries; });
  return found == result.limits.end() ? nullptr : &*found;
}

void check_full(const RunResult& result, std::uint64_t established, std::uint64_t failed, const char* place) {
  const WorkloadResult& load = result.workloads.at("load");
  CHECK(load.established == established);
  CHECK(load.open_at_end == established);
  REQUIRE(load.failures.size() == 1);
  CHECK(load.failures[0].count == failed);
  CHECK(load.failures[0].limit == Limit::conntrack_entries);
  CHECK(load.failures[0].error == Error::etimedout);
  CHECK(load.failures[0].place.text() == place);
  REQUIRE(result.binding);
  CHECK(result.binding->limit == Limit::conntrack_entries);
  const LimitUse* table = table_in(result);
  REQUIRE(table != nullptr);
  CHECK(table->peak == 40);
  CHECK(table->capacity == 40);
  CHECK(table->exhausted);
}

TEST_CASE("a full table is silence, at the client's host as at the server's and at a gateway") {
  check_full(replay(tracked("client", 60, 40)), 40, 20, "client");
  check_full(replay(tracked("server", 60, 40)), 40, 20, "server");
  Scenario scenario = small_world({.ports = 1'000, .connections = 60});
  scenario.paths = {{.a = "client", .b = "nat-1", .round_trip = milliseconds(2)},
                    {.a = "nat-1", .b = "server", .round_trip = milliseconds(10)}};
  scenario.gateways = {{"nat-1", tests::small_gateway("nat-1", "203.0.113.7", {"client"}, 100)}};
  scenario.gateways.at("nat-1").conntrack = table_of(40);
  check_full(replay(scenario), 40, 20, "nat-1");
}

TEST_CASE("the place of the table that a connection met last is told") {
  Scenario scenario = tracked("client", 60, 50);
  scenario.hosts.at("server").conntrack = table_of(40);
  const RunResult result = replay(scenario);
  std::map<std::string, std::uint64_t> failed;
  for (const Failure& failure : result.workloads.at("load").failures) failed[failure.place.text()] += failure.count;
  CHECK(failed == std::map<std::string, std::uint64_t>{{"client", 10}, {"server", 10}});
}

TEST_CASE("an entry is free for the next one when its time after the close is over") {
  Scenario scenario = tracked("server", 2, 1);
  scenario.hosts.at("server").conntrack->time_wait = seconds(5);
  Workload& load = scenario.workloads.at("load");
  load.hold = HoldConstant{seconds(1)};
  load.arrivals = ConstantRate{seconds(4)};
  RunResult result = replay(scenario);
  // The second SYN comes 3 s after the close and once more 1 s later, when the entry is still there, and gets in with
  // the one after.
  CHECK(result.workloads.at("load").established == 2);
  CHECK(table_in(result)->exhausted);
  load.arrivals = ConstantRate{seconds(7)};
  result = replay(scenario);
  CHECK(result.workloads.at("load").established == 2);
  CHECK_FALSE(table_in(result)->exhausted);
}

TEST_CASE("a host that comes back begins with an empty table") {
  Scenario scenario = tracked("server", 60, 40);
  scenario.workloads.at("load").arrivals = ConstantRate{seconds(1)};
  scenario.events = {{.at = SimTime(milliseconds(30'500)), .what = HostDown{"server", 0}},
                     {.at = SimTime(milliseconds(30'600)), .what = HostUp{"server", 0}}};
  const RunResult result = replay(scenario);
  CHECK(result.workloads.at("load").failures.empty());
  CHECK(result.workloads.at("load").established == 60);
}

}  // namespace
}  // namespace netlimits::sim
