// Events of a scenario and retries on real hosts: in order with what the workloads do.
#include <chrono>
#include <numeric>

#include "live/run/observe.hpp"
#include "live/sandbox/nft.hpp"
#include "tests/catch.hpp"
#include "tests/live/observed.hpp"
#include "tests/live/worlds.hpp"

namespace netlimits::live {
namespace {

using namespace worlds;
using std::chrono::milliseconds;

SimTime after(milliseconds time) { return time_zero + time; }

// One connection every ten milliseconds.
Scenario steady(std::uint16_t ports, std::uint64_t connections) {
  Scenario scenario = client_and_server(ports, connections);
  load_of(scenario).arrivals = ConstantRate{milliseconds(10)};
  return scenario;
}

}  // namespace

TEST_CASE("what was due before an event begins before it, what is due at its moment begins after it") {
  Scenario scenario = steady(100, 20);
  scenario.events.push_back(
      {after(milliseconds(100)), SettingChange{"client", "net.ipv4.ip_local_port_range", "50000 50001"}});
  const WorkloadResult load = observed(scenario).result.workloads.at("load");
  CHECK(load.attempted == 20);
  CHECK(load.established == 10 + 2);
  CHECK(load.failed == 8);
  REQUIRE(load.failures.size() == 1);
  CHECK(load.failures[0].first_after_established == 12);
}

TEST_CASE("a client host that goes down loses what it has, and its programs go on when it is back") {
  Scenario scenario = steady(100, 30);
  scenario.events.push_back({after(milliseconds(100)), HostDown{"client", 0}});
  scenario.events.push_back({after(milliseconds(200)), HostUp{"client", 0}});
  const WorkloadResult load = observed(scenario).result.workloads.at("load");
  CHECK(load.attempted == 30);
  CHECK(load.established == 20);
  CHECK(load.lost == 10);
  CHECK(load.failed == 10);
  CHECK(load.open_at_end == 10);
  REQUIRE(load.failures.size() == 1);
  CHECK(load.failures[0].error == Error::enetunreach);
  CHECK(load.failures[0].limit == Limit::back_end_down);
}

TEST_CASE("each window counts what began and ended in it") {
  Scenario scenario = steady(20, 30);
  scenario.window = milliseconds(100);
  const WorkloadResult load = observed(scenario).result.workloads.at("load");
  REQUIRE(load.windows.size() >= 3);
  WindowCount sum;
  for (const WindowCount& window : load.windows) {
    sum.attempted += window.attempted;
    sum.established += window.established;
    sum.failed += window.failed;
  }
  CHECK(load.windows[1].from == after(milliseconds(100)));
  CHECK(sum.attempted == 30);
  CHECK(sum.established == 20);
  CHECK(sum.failed == 10);
  CHECK(load.windows[0].failed == 0);
}

TEST_CASE("arrivals and hold times that were drawn elsewhere are followed") {
  Scenario scenario = client_and_server(100, 4);
  load_of(scenario).arrivals = PoissonRate{1};  // once in a thousand seconds, were it drawn here
  load_of(scenario).hold = HoldExponential{std::chrono::hours(1)};
  ObserveOptions options;
  options.drawn.arrivals["load"] = {after(milliseconds(5)), after(milliseconds(30)), after(milliseconds(60)),
                                    after(milliseconds(90))};
  options.drawn.holds["load"] = {milliseconds(10), milliseconds(200), milliseconds(10), milliseconds(10)};
  const Observation seen = observed(scenario, options);
  CHECK(seen.result.workloads.at("load").established == 4);
  CHECK(seen.result.workloads.at("load").peak_open == 2);
  CHECK(seen.result.workloads.at("load").open_at_end == 0);
  CHECK(seen.result.ended_at < after(std::chrono::seconds(5)));
}

TEST_CASE("a program of another user may not bind a low port") {
  Scenario scenario = client_and_server(100, 3);
  client_of(scenario).processes[0].uid = 1000;
  load_of(scenario).bind = BindExplicit{{PortRange{Port{1022}, Port{1024}}}, true};
  const WorkloadResult load = observed(scenario).result.workloads.at("load");
  CHECK(load.established == 1);
  REQUIRE(load.failures.size() == 1);
  CHECK(load.failures[0].error == Error::eacces);
  CHECK(load.failures[0].count == 2);
}

TEST_CASE("a retry succeeds once a port is free again") {
  Scenario scenario = client_and_server(10, 11);
  load_of(scenario).hold = HoldConstant{std::chrono::milliseconds(100)};
  load_of(scenario).closer = Closer::reset;
  load_of(scenario).retry = {.attempts = 1, .after = std::chrono::milliseconds(300), .reconnect = false};
  const WorkloadResult load = observed(scenario).result.workloads.at("load");
  CHECK(load.attempted == 12);
  CHECK(load.established == 11);
  CHECK(load.failed == 1);
}

TEST_CASE("a balancer deals connections out in turn, and a dead back end's clients come back") {
  if (!nft_exists()) return;
  Scenario scenario = client_and_server(200, 60);
  for (const char* name : {"one", "two", "three"}) {
    const std::string address = std::string("10.2.0.") + (name[0] == 'o' ? "1" : name[1] == 'w' ? "2" : "3");
    HostGroup server = host(name, {address});
    server.processes.push_back(program("web"));
    server.processes[0].listeners.push_back(listener(address + ":80"));
    scenario.hosts.emplace(name, server);
  }
  Balancer balancer;
  balancer.name = "front";
  balancer.endpoint = *Endpoint::parse("10.9.0.1:80");
  for (const char* end : {"10.2.0.1:80", "10.2.0.2:80", "10.2.0.3:80"})
    balancer.back_ends.push_back(*Endpoint::parse(end));
  scenario.balancers.emplace("front", balancer);
  load_of(scenario).to = {balancer.endpoint};
  SECTION("all alive") {
    const Observation seen = observed(scenario);
    for (const BackEndResult& end : seen.result.balancers.at("front")) {
      CHECK(end.connections == 20);
      CHECK(end.open_at_end == 20);
    }
  }
  SECTION("one dies") {
    load_of(scenario).retry.reconnect = true;
    scenario.events.push_back({SimTime(std::chrono::milliseconds(500)), HostDown{"two", 0}});
    const Observation seen = observed(scenario);
    const WorkloadResult& load = seen.result.workloads.at("load");
    CHECK(load.lost == 20);
    CHECK(load.reconnected == 20);
    CHECK(load.open_at_end == 60);
    const auto& ends = seen.result.balancers.at("front");
    CHECK(ends[0].open_at_end == 30);
    CHECK(ends[2].open_at_end == 30);
  }
}

TEST_CASE("a back end's host comes back empty and is met again") {
  if (!nft_exists()) return;
  Scenario scenario = client_and_server(200, 40);
  HostGroup other = host("other", {"10.2.0.1"});
  other.processes.push_back(program("web"));
  other.processes[0].listeners.push_back(listener("10.2.0.1:443"));
  scenario.hosts.emplace("other", other);
  Balancer balancer;
  balancer.name = "front";
  balancer.endpoint = *Endpoint::parse("10.9.0.1:443");
  balancer.back_ends = {*Endpoint::parse("10.1.0.9:443"), *Endpoint::parse("10.2.0.1:443")};
  scenario.balancers.emplace("front", balancer);
  load_of(scenario).to = {balancer.endpoint};
  load_of(scenario).arrivals = ConstantRate{std::chrono::milliseconds(50)};
  scenario.events.push_back({SimTime(std::chrono::milliseconds(475)), HostDown{"other", 0}});
  scenario.events.push_back({SimTime(std::chrono::milliseconds(975)), HostUp{"other", 0}});
  const Observation seen = observed(scenario);
  CHECK(seen.result.workloads.at("load").established == 40);
  CHECK(seen.result.workloads.at("load").lost == 5);
  const auto& ends = seen.result.balancers.at("front");
  CHECK(ends[0].connections == 5 + 10 + 10);
  CHECK(ends[1].connections == 5 + 10);
  CHECK(seen.result.hosts.at("other").processes.at("web").accepted == 15);
}

TEST_CASE("a wider range from some moment on lets the rest through") {
  Scenario scenario = client_and_server(10, 20);
  load_of(scenario).retry = {.attempts = 1, .after = std::chrono::milliseconds(400), .reconnect = false};
  scenario.events.push_back({SimTime(std::chrono::milliseconds(200)),
                             SettingChange{"client", "net.ipv4.ip_local_port_range", "40000 40017"}});
  const WorkloadResult load = observed(scenario).result.workloads.at("load");
  CHECK(load.established == 18);
  CHECK(load.failed == 12);
}

TEST_CASE("an address that is added later can be used from then on") {
  Scenario scenario = client_and_server(10, 20);
  load_of(scenario).bind = BindAddressNoPort{};
  load_of(scenario).sources = {*IpAddress::parse("10.0.0.5"), *IpAddress::parse("10.0.0.6")};
  load_of(scenario).retry = {.attempts = 1, .after = std::chrono::milliseconds(400), .reconnect = false};
  scenario.events.push_back(
      {SimTime(std::chrono::milliseconds(200)), AddressAdded{"client", *AddressBlock::parse("10.0.0.6")}});
  const WorkloadResult load = observed(scenario).result.workloads.at("load");
  CHECK(load.established == 20);
  REQUIRE(load.failures.size() == 1);
  CHECK(load.failures[0].error == Error::eaddrnotavail);
  CHECK(load.failures[0].count == 10);
}

}  // namespace netlimits::live
