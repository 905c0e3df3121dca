// What capacity says of short connections, and what the replay of the same scenario counts: how ports come back, what
// else a connection needs, and a TIME_WAIT table that is full.
#include <fmt/format.h>

#include "analysis/capacity.hpp"
#include "sim/replay.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// One connection a second, each held for a second, from four ports and with net.ipv4.tcp_tw_reuse=1.
Scenario one_a_second(const BindStyle& bind) {
  Scenario scenario = outbound(12);
  set_range(scenario, 40'000, 4);
  scenario.hosts.at("client").settings.time_wait_reuse = TimeWaitReuse::always;
  Workload& load = scenario.workloads.at("load");
  load.arrivals = ConstantRate{seconds(1)};
  load.hold = HoldConstant{seconds(1)};
  load.bind = bind;
  return scenario;
}

BindExplicit four_named(bool reuse_address) { return {{{Port{50'000}, Port{50'003}}}, reuse_address}; }

// Both say that the fifth is the first to fail, of this limit.
void fifth_fails(const Scenario& scenario, Limit limit) {
  const Capacity found = capacity(scenario);
  REQUIRE(found.steady_state.size() == 1);
  CHECK(found.steady_state[0].sustained.text() == "0.065");
  CHECK(found.steady_state[0].limit == limit);
  CHECK(found.steady_state[0].first_failure_after == Interval::exactly(4));
  CHECK(found.steady_state[0].first_failure_at == time_zero + seconds(4));
  REQUIRE_FALSE(found.binding.empty());
  CHECK(found.binding[0].limit == limit);
  const RunResult run = sim::replay(scenario);
  const WorkloadResult& load = run.workloads.at("load");
  CHECK(load.established == 4);
  REQUIRE(load.failures.size() == 1);
  CHECK(load.failures[0].limit == limit);
  CHECK(load.failures[0].first_at == time_zero + seconds(4));
}

void none_fails(const Scenario& scenario) {
  const Capacity found = capacity(scenario);
  CHECK(found.binding.empty());
  CHECK_FALSE(found.steady_state.at(0).first_failure_after);
  CHECK(sim::replay(scenario).workloads.at("load").established == 12);
}

// 15 ports towards each of two destinations, and 17 TIME_WAIT entries for both.
Scenario few_entries(std::uint64_t a_second) {
  Scenario scenario = outbound(2500);
  add_destination(scenario, 8443);
  set_range(scenario, 40'000, 15);
  HostGroup& client = scenario.hosts.at("client");
  client.settings.max_time_wait_buckets = 17;
  client.processes.front().count = 2;
  Workload& load = scenario.workloads.at("load");
  load.arrivals = ConstantRate{Duration(1'000'000'000 / a_second)};
  load.hold = HoldConstant{seconds(1)};
  return scenario;
}

}  // namespace

TEST_CASE("bind() never takes a port over from TIME_WAIT, whatever tcp_tw_reuse says") {
  none_fails(one_a_second(PlainConnect{}));
  none_fails(one_a_second(BindAddressNoPort{}));
  fifth_fails(one_a_second(BindAddress{}), Limit::ephemeral_ports);
  fifth_fails(one_a_second(four_named(false)), Limit::port_in_use);
}

TEST_CASE("a named port with SO_REUSEADDR comes back at once, if both ends use timestamps") {
  Scenario scenario = one_a_second(four_named(true));
  none_fails(scenario);
  scenario.hosts.at("server").settings.timestamps = false;
  fifth_fails(scenario, Limit::four_tuple);
}

TEST_CASE("named ports are met again as soon as the next program of a host, or the next destination, wants them") {
  Scenario scenario = one_a_second(four_named(false));
  scenario.hosts.at("client").processes.front().count = 2;
  CHECK(capacity(scenario).steady_state.at(0).first_failure_after == Interval::exactly(1));
  CHECK(sim::replay(scenario).workloads.at("load").failures.at(0).first_after_established == 1);
  scenario = one_a_second(four_named(false));
  add_destination(scenario, 8443);
  CHECK(capacity(scenario).steady_state.at(0).first_failure_after == Interval::exactly(1));
  CHECK(sim::replay(scenario).workloads.at("load").failures.at(0).first_after_established == 1);
}

TEST_CASE("a workload sustains what the places of full servers serve, and not what its ports would") {
  Scenario scenario = outbound(2000, 100'000, 8);
  set_range(scenario, 40'000, 28);
  scenario.hosts.at("server").count = 2;
  Workload& load = scenario.workloads.at("load");
  load.to.push_back(*Endpoint::parse("10.1.0.10:443"));
  load.arrivals = ConstantRate{milliseconds(20)};
  load.hold = HoldConstant{milliseconds(2500)};
  load.closer = Closer::server;
  const Capacity found = capacity(scenario);
  const SteadyState& steady = found.steady_state.at(0);
  CHECK(steady.sustained.text() == "3.200");
  REQUIRE(steady.bound_by);
  CHECK(steady.bound_by->limit == Limit::fd_per_process);
  const RunResult run = sim::replay(scenario);
  // 40 s at 3.2 a second, and those that their ports and places let in at the beginning.
  CHECK(run.workloads.at("load").established >= 128);
  CHECK(run.workloads.at("load").established <= 128 + 56 + 8);
  // With places enough its ports are the narrowest stage.
  scenario.hosts.at("server").processes.front().nofile = 1000;
  CHECK(capacity(scenario).steady_state.at(0).sustained.text() == "22.400");
  CHECK_FALSE(capacity(scenario).steady_state.at(0).bound_by);
}

TEST_CASE("what a client's descriptors serve bounds what it sustains") {
  Scenario scenario = outbound(1000, 14);
  Workload& load = scenario.workloads.at("load");
  load.arrivals = ConstantRate{milliseconds(10)};
  load.hold = HoldConstant{seconds(1)};
  load.closer = Closer::reset;
  const std::uint64_t places = capacity(scenario).capacity.min;
  CHECK(capacity(scenario).steady_state.at(0).sustained.text() == fmt::format("{}.000", places));
}

TEST_CASE("two destinations need not share a full TIME_WAIT table evenly") {
  for (const std::uint64_t rate : std::initializer_list<std::uint64_t>{1, 8, 9, 10, 11, 14}) {
    CAPTURE(rate);
    const Scenario scenario = few_entries(rate);
    const Capacity found = capacity(scenario);
    const SteadyState& steady = found.steady_state.at(0);
    CHECK(steady.sustained_text() == "0.459 to 12.000");
    const WorkloadResult load = sim::replay(scenario).workloads.at("load");
    CHECK((rate < 9) == load.failures.empty());
    if (load.failures.empty()) continue;
    REQUIRE(steady.first_failure_after);
    CHECK(steady.first_failure_after->contains(load.failures[0].first_after_established));
  }
}

TEST_CASE("several programs begin at one source, whose ports are the first to run out") {
  Scenario scenario = one_a_second(BindAddress{});
  add_source(scenario);
  scenario.hosts.at("client").processes.front().count = 3;
  const Capacity found = capacity(scenario);
  const WorkloadResult load = sim::replay(scenario).workloads.at("load");
  REQUIRE_FALSE(load.failures.empty());
  CHECK(found.steady_state.at(0).first_failure_after == Interval::exactly(load.failures[0].first_after_established));
}
