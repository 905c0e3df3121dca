// Small scenarios replayed: counts, errors and moments that follow from one rule each.
#include "sim/replay.hpp"

#include <algorithm>
#include <memory>

#include "tests/catch.hpp"
#include "tests/sim/small_world.hpp"

namespace netlimits::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST_CASE("plain connects to one endpoint stop at the size of the range") {
  Scenario scenario = small_world({.ports = 20, .connections = 25});
  const RunResult result = replay(scenario);
  const WorkloadResult& load = result.workloads.at("load");
  CHECK(load.attempted == 25);
  CHECK(load.established == 20);
  REQUIRE(load.failures.size() == 1);
  CHECK(load.failures[0].limit == Limit::ephemeral_ports);
  CHECK(load.failures[0].error == Error::eaddrnotavail);
  CHECK(load.failures[0].count == 5);
  CHECK(load.failures[0].first_after_established == 20);
  CHECK(load.failures[0].place.text() == "client 10.0.0.5 -> 10.0.0.9:443");
  REQUIRE(result.binding);
  CHECK(result.binding->limit == Limit::ephemeral_ports);
}

TEST_CASE("a second destination has the whole range again") {
  Scenario scenario = small_world({.ports = 20, .connections = 50});
  add_listener(scenario, "10.0.0.9:444");
  scenario.workloads.at("load").to.push_back(*Endpoint::parse("10.0.0.9:444"));
  CHECK(replay(scenario).workloads.at("load").established == 40);
}

TEST_CASE("a second address adds its ports only when the program binds it") {
  Scenario scenario = small_world({.ports = 20, .connections = 60});
  scenario.hosts.at("client").addresses.push_back(*AddressBlock::parse("10.0.0.6/24"));
  Workload& load = scenario.workloads.at("load");
  load.sources = {*IpAddress::parse("10.0.0.5"), *IpAddress::parse("10.0.0.6")};
  SECTION("plain connect never moves on") { CHECK(replay(scenario).workloads.at("load").established == 20); }
  SECTION("bound without a port: both ranges") {
    load.bind = BindAddressNoPort{};
    CHECK(replay(scenario).workloads.at("load").established == 40);
  }
  SECTION("bound with a port: one pool an address over all destinations, and bind refuses") {
    load.bind = BindAddress{};
    add_listener(scenario, "10.0.0.9:444");
    load.to.push_back(*Endpoint::parse("10.0.0.9:444"));
    const RunResult result = replay(scenario);
    CHECK(result.workloads.at("load").established == 40);
    CHECK(result.workloads.at("load").failures.at(0).error == Error::eaddrinuse);
    CHECK(result.workloads.at("load").failures.at(0).place.text() == "client 10.0.0.5 -> *");
  }
}

TEST_CASE("a server out of descriptors leaves backlog + 1 clients believing, and the rest time out") {
  Scenario scenario = small_world({.ports = 1000, .connections = 100, .server_nofile = 34, .backlog = 10});
  scenario.workloads.at("load").arrivals = ConstantRate{milliseconds(1)};
  const RunResult result = replay(scenario);
  const WorkloadResult& load = result.workloads.at("load");
  CHECK(result.hosts.at("server").processes.at("web").accepted == 30);  // 34 less 3 standard ones and the listener
  CHECK(result.hosts.at("server").processes.at("web").queued_at_end == 11);
  CHECK(load.established == 41);
  CHECK(load.failed == 59);
  REQUIRE(load.failures.size() == 1);
  CHECK(load.failures[0].limit == Limit::listen_backlog);
  CHECK(load.failures[0].error == Error::etimedout);
  REQUIRE(result.binding);
  CHECK(result.binding->limit == Limit::fd_per_process);
  CHECK(result.binding->place.text() == "server/web");
}

TEST_CASE("the client that closes first keeps its ports for the length of TIME_WAIT") {
  Scenario scenario = small_world({.ports = 20, .connections = 6500});
  Workload& load = scenario.workloads.at("load");
  load.arrivals = ConstantRate{milliseconds(10)};
  load.hold = HoldConstant{milliseconds(1)};
  scenario.window = seconds(60);
  scenario.hosts.at("client").settings.time_wait_reuse = TimeWaitReuse::never;
  const RunResult result = replay(scenario);
  const WorkloadResult& counted = result.workloads.at("load");
  REQUIRE_FALSE(counted.failures.empty());
  CHECK(counted.failures[0].first_at == time_zero + milliseconds(200));
  CHECK(counted.windows.at(0).established == 20);
  CHECK(counted.windows.at(1).established == 20);
  CHECK(result.hosts.at("client").time_wait_peak == 20);
  CHECK(result.hosts.at("server").time_wait_peak == 0);
}

TEST_CASE("when the server closes first, TIME_WAIT is the server's and the client's ports are free") {
  Scenario scenario = small_world({.ports = 20, .connections = 100});
  Workload& load = scenario.workloads.at("load");
  load.arrivals = ConstantRate{milliseconds(10)};
  load.hold = HoldConstant{milliseconds(1)};
  load.closer = Closer::server;
  const RunResult result = replay(scenario);
  CHECK(result.workloads.at("load").established == 100);
  CHECK(result.hosts.at("client").time_wait_peak == 0);
  CHECK(result.hosts.at("server").time_wait_peak > 0);
}

TEST_CASE("a reset leaves TIME_WAIT on neither side") {
  Scenario scenario = small_world({.ports = 20, .connections = 100});
  Workload& load = scenario.workloads.at("load");
  load.arrivals = ConstantRate{milliseconds(10)};
  load.hold = HoldConstant{milliseconds(1)};
  load.closer = Closer::reset;
  const RunResult result = replay(scenario);
  CHECK(result.workloads.at("load").established == 100);
  CHECK(result.hosts.at("client").time_wait_peak == 0);
  CHECK(result.hosts.at("server").time_wait_peak == 0);
}

TEST_CASE("a stalled server queues backlog + 1 and the others give up after all SYN retries") {
  Scenario scenario = small_world({.ports = 1000, .connections = 20, .backlog = 5});
  scenario.hosts.at("server").processes[0].listeners[0].accept = AcceptStalled{};
  scenario.workloads.at("load").arrivals = ConstantRate{milliseconds(1)};
  const RunResult result = replay(scenario);
  CHECK(result.workloads.at("load").established == 6);
  CHECK(result.workloads.at("load").failed == 14);
  // 1 s four times more than the doubling ones (tcp_syn_linear_timeouts), 131 s in all.
  CHECK(result.workloads.at("load").failures.at(0).first_at == time_zero + milliseconds(6) + seconds(131));
}

TEST_CASE("a paced server works off its queue one by one") {
  Scenario scenario = small_world({.ports = 1000, .connections = 20, .backlog = 50});
  scenario.hosts.at("server").processes[0].listeners[0].accept = AcceptPaced{seconds(1)};
  const RunResult result = replay(scenario);
  CHECK(result.workloads.at("load").established == 20);
  CHECK(result.hosts.at("server").processes.at("web").accepted == 20);
  CHECK(result.ended_at >= time_zero + seconds(19));
}

TEST_CASE("processes that share a listener add up") {
  Scenario scenario = small_world({.ports = 1000, .connections = 200, .server_nofile = 24, .backlog = 500});
  scenario.hosts.at("server").processes[0].count = 4;
  scenario.hosts.at("server").processes[0].listeners[0].inherited = true;
  scenario.workloads.at("load").arrivals = ConstantRate{milliseconds(1)};
  const RunResult result = replay(scenario);
  const ProcessResult& web = result.hosts.at("server").processes.at("web");
  CHECK(web.accepted == 4 * 20);
  CHECK(web.accepted_least == 20);
  CHECK(web.accepted_most == 20);
}

TEST_CASE("nothing listens: refused at once") {
  Scenario scenario = small_world({.ports = 20, .connections = 5});
  scenario.hosts.at("server").processes[0].listeners.clear();
  const RunResult result = replay(scenario);
  REQUIRE(result.workloads.at("load").failures.size() == 1);
  CHECK(result.workloads.at("load").failures[0].limit == Limit::no_listener);
  CHECK(result.workloads.at("load").failures[0].error == Error::econnrefused);
}

TEST_CASE("a balancer gives each back end its turn, and a dead one's clients come back to the others") {
  Scenario scenario = balanced_world(3, 60);
  SECTION("all up") {
    const RunResult result = replay(scenario);
    for (const BackEndResult& back_end : result.balancers.at("front")) CHECK(back_end.connections == 20);
  }
  SECTION("one dies") {
    scenario.events.push_back({time_zero + seconds(10), HostDown{"server", 1}});
    scenario.workloads.at("load").retry = {.attempts = 3, .after = seconds(1), .reconnect = true};
    const RunResult result = replay(scenario);
    const WorkloadResult& load = result.workloads.at("load");
    CHECK(load.lost == 20);
    CHECK(load.reconnected == 20);
    CHECK(load.open_at_end == 60);
    CHECK(result.balancers.at("front").at(0).open_at_end == 30);
    CHECK(result.balancers.at("front").at(1).open_at_end == 0);
  }
}

const LimitUse& use_of(const RunResult& result, Limit limit) {
  const auto found =
      std::find_if(result.limits.begin(), result.limits.end(), [&](const LimitUse& use) { return use.limit == limit; });
  REQUIRE(found != result.limits.end());
  return *found;
}

TEST_CASE("a port whose TIME_WAIT entry is taken over counts once") {
  const std::uint32_t ports = GENERATE(2U, 20U);
  Scenario scenario = small_world({.ports = ports, .connections = 400});
  Workload& load = scenario.workloads.at("load");
  // All ports are in use before the first entry is old enough to be taken over, a second.
  load.arrivals = ConstantRate{Duration(seconds(1)) / ports};
  load.hold = HoldConstant{milliseconds(1)};
  scenario.hosts.at("client").settings.time_wait_reuse = TimeWaitReuse::always;
  const RunResult result = replay(scenario);
  CHECK(result.hosts.at("client").time_wait_peak <= ports);
  const LimitUse& pool = use_of(result, Limit::ephemeral_ports);
  CHECK(pool.peak == ports);
  CHECK(pool.capacity == ports);
}

TEST_CASE("TIME_WAIT entries without room are told at the moment of the first of them") {
  Scenario scenario = small_world({.ports = 1000, .connections = 100});
  Workload& load = scenario.workloads.at("load");
  load.arrivals = ConstantRate{milliseconds(10)};
  load.hold = HoldConstant{milliseconds(1)};
  scenario.hosts.at("client").settings.max_time_wait_buckets = 20;
  const RunResult result = replay(scenario);
  const LimitUse& entries = use_of(result, Limit::time_wait_buckets);
  CHECK(entries.capacity == 20);
  CHECK(entries.peak == 20);
  CHECK(result.hosts.at("client").time_wait_overflows == 80);
  REQUIRE(entries.first_exhausted_at);
  // The 21st: it begins at 200 ms, and its close takes two round trips and the millisecond that it is held.
  CHECK(*entries.first_exhausted_at > time_zero + milliseconds(201));
  CHECK(*entries.first_exhausted_at < time_zero + milliseconds(202));
}

TEST_CASE("an ACK that finds the accept queue full exhausts it, as a SYN does") {
  Scenario scenario = small_world({.ports = 1000, .connections = 60, .backlog = 4});
  scenario.hosts.at("server").processes[0].listeners[0].accept = AcceptStalled{};
  const RunResult result = replay(scenario);
  const LimitUse& queue = use_of(result, Limit::listen_backlog);
  CHECK(queue.peak == 5);
  CHECK(queue.capacity == 5);
  REQUIRE(queue.first_exhausted_at);
  CHECK(*queue.first_exhausted_at < time_zero + milliseconds(1));
}

TEST_CASE("what ends at an instant has freed its port for what begins then") {
  // One port; each connection is held until the very instant at which the next one begins, and leaves no TIME_WAIT.
  Scenario scenario = small_world({.ports = 1, .connections = 10});
  scenario.paths[0].round_trip = Duration::zero();
  Workload& load = scenario.workloads.at("load");
  load.arrivals = ConstantRate{milliseconds(10)};
  load.hold = HoldConstant{milliseconds(10)};
  load.closer = Closer::reset;
  const RunResult result = replay(scenario);
  CHECK(result.workloads.at("load").established == 10);
  CHECK(result.workloads.at("load").peak_open == 1);
}

TEST_CASE("a group costs the hosts that something happens to") {
  Scenario scenario = small_world({.connections = 3000, .server_nofile = 100'000});
  HostGroup& client = scenario.hosts.at("client");
  client.count = 200'000;
  client.addresses = {*AddressBlock::parse("10.8.0.1/8")};
  client.processes[0].listeners.push_back({.endpoint = *Endpoint::parse("0.0.0.0:80")});
  scenario.hosts.at("server").addresses = {*AddressBlock::parse("192.168.1.9/24")};
  scenario.hosts.at("server").processes[0].listeners[0].endpoint = *Endpoint::parse("192.168.1.9:443");
  scenario.workloads.at("load").to = {*Endpoint::parse("192.168.1.9:443")};
  std::uint64_t made = 0;
  ReplayOptions options;
  options.progress = [&](const Progress& progress) { made = progress.hosts_made; };
  const RunResult result = replay(scenario, options);
  CHECK(result.workloads.at("load").established == 3000);
  CHECK(made == 3001);
  const ProcessResult& app = result.hosts.at("client").processes.at("app");
  CHECK(app.accepted_least == 0);
  CHECK(app.descriptors_peak == 5);  // three of its own, the listener, the connection
}

TEST_CASE("hosts to which nothing happened are as they would have been") {
  Scenario scenario = small_world({.connections = 2});
  HostGroup& server = scenario.hosts.at("server");
  server.count = 5;
  server.addresses = {*AddressBlock::parse("10.0.0.9/24")};
  server.processes[0].listeners[0].endpoint = *Endpoint::parse("0.0.0.0:443");
  scenario.workloads.at("load").to = {*Endpoint::parse("10.0.0.10:443")};
  scenario.workloads.at("load").start = time_zero + seconds(5);
  scenario.workloads.at("load").hold = HoldForever{};
  SECTION("at rest") {
    const RunResult result = replay(scenario);
    const ProcessResult& web = result.hosts.at("server").processes.at("web");
    CHECK(web.accepted == 2);
    CHECK(web.accepted_least == 0);
    CHECK(web.accepted_most == 2);
    CHECK(web.descriptors_peak == 6);
  }
  SECTION("a setting that was changed before anything happened to them holds for them too") {
    scenario.hosts.at("client").count = 3;
    scenario.hosts.at("client").addresses = {*AddressBlock::parse("10.0.1.5/16")};
    scenario.events.push_back(
        {time_zero + seconds(1), SettingChange{"client", "net.ipv4.ip_local_port_range", "50000 50000"}});
    scenario.workloads.at("load").connections = 6;  // two from each
    const RunResult result = replay(scenario);
    CHECK(result.workloads.at("load").established == 3);
    CHECK(result.workloads.at("load").failed == 3);
  }
  SECTION("one that goes down refuses nobody any more") {
    scenario.events.push_back({time_zero + seconds(1), HostDown{"server", 1}});
    const RunResult result = replay(scenario);
    CHECK(result.workloads.at("load").established == 0);
    CHECK(result.workloads.at("load").failures.at(0).limit == Limit::back_end_down);
  }
}

TEST_CASE("what a host counted before it went down stays counted when it is back") {
  Scenario scenario = small_world({.ports = 100, .connections = 20});
  Workload& load = scenario.workloads.at("load");
  load.hold = HoldConstant{milliseconds(1)};
  scenario.events.push_back({time_zero + seconds(5), HostDown{"client", 0}});
  SECTION("it stays away") {}
  SECTION("it comes back") { scenario.events.push_back({time_zero + seconds(6), HostUp{"client", 0}}); }
  const RunResult result = replay(scenario);
  CHECK(result.hosts.at("client").time_wait_peak == 20);
  CHECK(result.hosts.at("client").time_wait_at_end == 0);
}

TEST_CASE("what would close after the end of time does not, and the run ends") {
  constexpr Duration century = std::chrono::hours(24 * 36500);
  Scenario scenario = small_world({.ports = 1000, .connections = 400});
  Workload& load = scenario.workloads.at("load");
  load.start = SimTime(century);
  load.hold = HoldExponential{century};
  const RunResult result = replay(scenario);
  const auto& found = result.workloads.at("load");
  CHECK(found.established == 400);
  CHECK(result.ended_at <= end_of_time - century);
  // From 100 years on 92 are left: e^-0.92 of the connections, some 160, last longer.
  CHECK(found.open_at_end > 100);
  CHECK(found.open_at_end < 220);
}

TEST_CASE("the same scenario and seed give the same result") {
  Scenario scenario = small_world({.ports = 200, .connections = 2000});
  Workload& load = scenario.workloads.at("load");
  load.arrivals = PoissonRate{100'000};
  load.hold = HoldExponential{seconds(1)};
  const auto figures = [&] {
    const RunResult result = replay(scenario);
    const WorkloadResult& counted = result.workloads.at("load");
    return std::tuple(result.ended_at, counted.established, counted.failed, counted.peak_open);
  };
  CHECK(figures() == figures());
}

}  // namespace
}  // namespace netlimits::sim
