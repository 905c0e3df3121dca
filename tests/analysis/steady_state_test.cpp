// What short connections sustain, and how the closer, round trips and tcp_tw_reuse change it.
#include "analysis/steady_state.hpp"

#include "analysis/capacity.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

Scenario churn() {
  Scenario scenario = outbound(60'000);
  Workload& load = scenario.workloads.at("load");
  load.arrivals = ConstantRate{milliseconds(1)};
  load.hold = HoldConstant{};
  return scenario;
}

}  // namespace

TEST_CASE("short connections sustain the range divided by the time that each keeps its port") {
  const auto states = steady_state(churn());
  REQUIRE(states.size() == 1);
  CHECK(states[0].sustained.text() == "470.533");
  CHECK(states[0].offered->text() == "1000.000");
  CHECK(states[0].place.text() == "client 10.0.0.5 -> 10.1.0.9:443");
  CHECK(states[0].first_failure_after == Interval::exactly(28'232));
  CHECK(states[0].first_failure_at == time_zero + milliseconds(28'232));
  CHECK(capacity(churn()).binding.front().limit == Limit::ephemeral_ports);
}

TEST_CASE("round trips keep the port longer, each way of closing in its own way") {
  Scenario scenario = churn();
  scenario.paths = {{"client", "server", milliseconds(100)}};
  CHECK(steady_state(scenario)[0].port_held == milliseconds(60'200));
  scenario.workloads.at("load").closer = Closer::server;
  CHECK(steady_state(scenario)[0].port_held == milliseconds(300));
  scenario.workloads.at("load").closer = Closer::reset;
  CHECK(steady_state(scenario)[0].port_held == milliseconds(100));
  CHECK(steady_state(scenario)[0].sustained.text() == "282320.000");
  CHECK_FALSE(steady_state(scenario)[0].first_failure_after);
}

TEST_CASE("tcp_tw_reuse shortens TIME_WAIT to its delay where it applies") {
  Scenario scenario = churn();
  Settings& settings = scenario.hosts.at("client").settings;
  settings.time_wait_reuse = TimeWaitReuse::always;
  CHECK(steady_state(scenario)[0].sustained.text() == "28232.000");
  settings.timestamps = false;
  CHECK(steady_state(scenario)[0].sustained.text() == "470.533");
  settings.timestamps = true;
  settings.time_wait_reuse = TimeWaitReuse::loopback_only;
  CHECK(steady_state(scenario)[0].sustained.text() == "470.533");
  scenario.workloads.at("load").to = {*Endpoint::parse("127.0.0.1:443")};
  scenario.hosts.at("client").processes.front().listeners = {{.endpoint = *Endpoint::parse("127.0.0.1:443")}};
  CHECK(steady_state(scenario)[0].sustained.text() == "28232.000");
}

TEST_CASE("destinations and addresses add pools, as the program binds") {
  Scenario scenario = churn();
  add_destination(scenario, 8443);
  CHECK(steady_state(scenario)[0].pools == 2);
  CHECK(steady_state(scenario)[0].first_failure_after == Interval::exactly(56'464));
  scenario.workloads.at("load").bind = BindAddress{};
  CHECK(steady_state(scenario)[0].pools == 1);
}

TEST_CASE("a slow workload never fails, and one that holds for ever has no steady state") {
  Scenario scenario = churn();
  scenario.workloads.at("load").arrivals = ConstantRate{milliseconds(3)};
  CHECK_FALSE(steady_state(scenario)[0].first_failure_after);
  CHECK(capacity(scenario).binding.empty());
  scenario.workloads.at("load").hold = HoldForever{};
  CHECK(steady_state(scenario).empty());
}

TEST_CASE("rates are cut off to three digits, exactly") {
  CHECK(Rate{1, 3'000'000'000}.text() == "0.333");
  CHECK(Rate{1, 1}.text() == "1000000000.000");
  CHECK(Rate{0, 7}.text() == "0.000");
  CHECK(Rate{28232, 60'000'000'000}.text() == "470.533");
}
