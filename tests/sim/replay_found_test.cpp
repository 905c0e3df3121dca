// What random scenarios found in the replay: events that met the wrong connection, figures that did not fit each other.
#include <algorithm>

#include "sim/replay.hpp"
#include "tests/catch.hpp"
#include "tests/sim/small_world.hpp"

namespace netlimits::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const LimitUse* listed(const RunResult& result, Limit limit) {
  const auto found =
      std::find_if(result.limits.begin(), result.limits.end(), [&](const LimitUse& use) { return use.limit == limit; });
  return found == result.limits.end() ? nullptr : &*found;
}

TEST_CASE("a hold time that is over closes nobody else's connection") {
  Scenario scenario = balanced_world(1, 2);
  scenario.paths.clear();
  Workload& load = scenario.workloads.at("load");
  load.hold = HoldConstant{seconds(5)};
  load.connections = 1;
  // The balancer resets the first connection, and another host's takes over its number.
  scenario.events.push_back({time_zero + milliseconds(1), BackEndDown{"front", *Endpoint::parse("10.0.0.9:443")}});
  Workload later = load;
  later.name = "later";
  later.to = {*Endpoint::parse("10.0.0.9:443")};
  later.hold = HoldForever{};
  later.start = time_zero + milliseconds(2);
  later.connections = 2;
  scenario.workloads.emplace("later", later);
  const RunResult result = replay(scenario);
  CHECK(result.workloads.at("load").lost == 1);
  CHECK(result.workloads.at("later").established == 2);
  CHECK(result.workloads.at("later").open_at_end == 2);
}

TEST_CASE("a host that comes up and never was down keeps what it has") {
  Scenario scenario = small_world({.connections = 3});
  scenario.events.push_back({time_zero + seconds(1), HostUp{"server", 0}});
  const RunResult result = replay(scenario);
  CHECK(result.workloads.at("load").open_at_end == 3);
  CHECK(result.hosts.at("server").processes.at("web").accepted == 3);
}

TEST_CASE("a server without a descriptor accepts when the client half of its program closes one") {
  Scenario scenario = small_world({.connections = 1, .server_nofile = 5});  // three of its own, the listener, one more
  Workload& load = scenario.workloads.at("load");
  load.from_host = "server";
  load.from_process = "web";
  load.hold = HoldConstant{milliseconds(100)};
  const auto accepted = [&] { return replay(scenario).hosts.at("server").processes.at("web").accepted; };
  CHECK(accepted() == 1);
  SECTION("at a pace as well") {
    scenario.hosts.at("server").processes[0].listeners[0].accept = AcceptPaced{milliseconds(10)};
    CHECK(accepted() == 1);
  }
}

TEST_CASE("a SYN that was on its way to a back end that is down was lost there, though the balancer resets it") {
  Scenario scenario = balanced_world(2, 1);
  scenario.paths.clear();
  Workload& load = scenario.workloads.at("load");
  load.connections = 20;
  load.arrivals = ConstantRate{.interval = milliseconds(20)};
  scenario.balancers.at("front").notices_after = milliseconds(100);
  scenario.events.push_back({time_zero + milliseconds(205), HostDown{"server", 0}});
  const RunResult result = replay(scenario);
  REQUIRE_FALSE(result.workloads.at("load").failures.empty());
  for (const Failure& failure : result.workloads.at("load").failures) CHECK(failure.limit == Limit::back_end_down);
}

TEST_CASE("a limit that an event lowers is compared with what it was when more was there") {
  Scenario scenario = small_world({.connections = 8});
  scenario.workloads.at("load").hold = HoldConstant{milliseconds(1)};
  scenario.events.push_back({time_zero + seconds(1), SettingChange{"client", "net.ipv4.tcp_max_tw_buckets", "2"}});
  const RunResult result = replay(scenario);
  const LimitUse* const buckets = listed(result, Limit::time_wait_buckets);
  REQUIRE(buckets != nullptr);
  CHECK(buckets->peak == 8);
  CHECK(buckets->capacity >= buckets->peak);
}

TEST_CASE("handshakes that are under way together are counted against the SYN queue") {
  Scenario scenario = small_world({.connections = 12, .backlog = 4});
  scenario.hosts.at("server").settings.syncookies = SynCookies::off;
  const RunResult result = replay(scenario);
  const LimitUse* const queue = listed(result, Limit::syn_backlog);
  REQUIRE(queue != nullptr);
  CHECK(queue->capacity == 5);
  CHECK(queue->peak == 5);
  CHECK(queue->exhausted);
  CHECK(queue->place.text() == "server/web 10.0.0.9:443");
  SECTION("and it is not listed where there is never more than one") {
    scenario.workloads.at("load").arrivals = ConstantRate{.interval = milliseconds(10)};
    CHECK(listed(replay(scenario), Limit::syn_backlog) == nullptr);
  }
}

TEST_CASE("a client's port serves a back end once straight and once through each of its balancers") {
  Scenario scenario = balanced_world(1, 1);
  scenario.paths.clear();
  scenario.hosts.at("client").settings.local_port_range = {Port{40000}, Port{40000}};
  Balancer second = scenario.balancers.at("front");
  second.name = "second";
  second.endpoint = *Endpoint::parse("10.2.0.2:443");
  scenario.balancers.emplace("second", second);
  Workload& load = scenario.workloads.at("load");
  load.to = {*Endpoint::parse("10.2.0.1:443"), *Endpoint::parse("10.0.0.9:443"), *Endpoint::parse("10.2.0.2:443")};
  load.connections = 3;
  const RunResult result = replay(scenario);
  CHECK(result.workloads.at("load").established == 3);
  CHECK(result.hosts.at("server").processes.at("web").accepted == 3);
  CHECK(result.balancers.at("front").at(0).open_at_end == 1);
  CHECK(result.balancers.at("second").at(0).open_at_end == 1);
}

TEST_CASE("a host that a balancer leads back to itself waits for an answer in vain") {
  Scenario scenario = balanced_world(2, 1);
  HostGroup& server = scenario.hosts.at("server");
  scenario.workloads.at("load").from_host = "server";
  scenario.workloads.at("load").from_process = "web";
  scenario.paths.clear();
  SECTION("alone") {
    server.count = 1;
    scenario.balancers.at("front").back_ends.resize(1);
    scenario.workloads.at("load").connections = 2;
    const RunResult result = replay(scenario);
    REQUIRE(result.workloads.at("load").failures.size() == 1);
    CHECK(result.workloads.at("load").failures[0].count == 2);
    CHECK(result.workloads.at("load").failures[0].limit == Limit::no_route);
    CHECK(result.workloads.at("load").failures[0].error == Error::etimedout);
    CHECK(result.hosts.at("server").processes.at("web").accepted == 0);
  }
  SECTION("and reaches the other of two") {
    scenario.workloads.at("load").connections = 4;  // hosts 0, 1, 0, 1, dealt to back ends 0, 1, 0, 1
    CHECK(replay(scenario).workloads.at("load").established == 0);
    scenario.balancers.at("front").back_ends.push_back(*Endpoint::parse("10.0.0.9:443"));  // 0, 1, 0 and 0
    CHECK(replay(scenario).workloads.at("load").established == 1);
  }
}

TEST_CASE("a queue that was full stays told when its host goes down") {
  Scenario scenario = small_world({.connections = 10, .backlog = 1});
  scenario.hosts.at("server").processes[0].listeners[0].accept = AcceptStalled{};
  scenario.events.push_back({time_zero + seconds(1), HostDown{"server", 0}});
  SECTION("it stays away") {}
  SECTION("it comes back") { scenario.events.push_back({time_zero + seconds(200), HostUp{"server", 0}}); }
  const RunResult result = replay(scenario);
  const LimitUse* const queue = listed(result, Limit::listen_backlog);
  REQUIRE(queue != nullptr);
  CHECK(queue->exhausted);
  CHECK(queue->peak == 2);
}

TEST_CASE("connections that only their clients know are held by nobody, and what dropped them binds") {
  Scenario scenario = small_world({.ports = 100, .connections = 60, .backlog = 5});
  scenario.hosts.at("server").processes[0].listeners[0].accept = AcceptStalled{};
  const RunResult result = replay(scenario);
  CHECK(result.workloads.at("load").established == 60);
  CHECK(result.held_peak == 0);
  CHECK(result.hosts.at("server").processes.at("web").queued_at_end == 6);
  CHECK(result.believed_at_end == 54);
  REQUIRE(result.binding);
  CHECK(result.binding->limit == Limit::listen_backlog);
}

TEST_CASE("what is held is counted at one moment, and not the sum of what workloads held at different times") {
  Scenario scenario = small_world({.connections = 12});
  Workload& load = scenario.workloads.at("load");
  load.hold = HoldConstant{milliseconds(100)};
  Workload later = load;
  later.name = "later";
  later.connections = 5;
  later.start = time_zero + seconds(1);
  scenario.workloads.emplace("later", later);
  CHECK(replay(scenario).held_peak == 12);
}

}  // namespace
}  // namespace netlimits::sim
