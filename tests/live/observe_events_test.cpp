// Events of a scenario on real hosts: in order with what the workloads do.
#include <chrono>
#include <numeric>

#include "live/run/observe.hpp"
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

}  // namespace netlimits::live
