// What short connections sustain, and how the closer, round trips and tcp_tw_reuse change it.
#include "analysis/churn/steady_state.hpp"

#include "analysis/capacity.hpp"
#include "model/systems/rule_book.hpp"
#include "tests/analysis/worlds.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::vector<SteadyState> steady_state(const Scenario& scenario) {
  const Wiring wiring(scenario);
  return analysis::steady_state(scenario, wiring);
}

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

TEST_CASE("before 6.14 a port comes back at the next whole second after its connection closed") {
  Scenario scenario = churn();
  HostGroup& client = scenario.hosts.at("client");
  auto old = linux_profile();
  old->rules.set(Rule::connect_time_wait_delay_set, false);
  client.profile = old;
  client.settings.time_wait_reuse = TimeWaitReuse::always;
  set_range(scenario, 40'000, 20);
  Workload& load = scenario.workloads.at("load");
  load.hold = HoldConstant{milliseconds(1)};
  load.arrivals = ConstantRate{Duration(1'000'000'000 / 36)};
  load.connections = 400;
  const auto states = steady_state(scenario);
  CHECK(states[0].port_held == milliseconds(1001));
  CHECK(states[0].sustained.text() == "19.980");
  CHECK(states[0].first_failure_after == Interval::exactly(20));
  CHECK(states[0].first_failure_at == time_zero + Duration(1'000'000'000 / 36) * 20);
  // 20 a second fit. At 25 a second from the middle of one, 13 begin before the first ports are back, and 20 of the
  // next 25 in the second after that.
  load.arrivals = ConstantRate{milliseconds(50)};
  CHECK_FALSE(steady_state(scenario)[0].first_failure_after);
  load.arrivals = ConstantRate{milliseconds(40)};
  load.start = time_zero + milliseconds(500);
  CHECK(steady_state(scenario)[0].first_failure_after.has_value());
}

TEST_CASE("a server without timestamps leaves nothing to take over") {
  Scenario scenario = churn();
  scenario.hosts.at("client").settings.time_wait_reuse = TimeWaitReuse::always;
  scenario.hosts.at("server").settings.timestamps = false;
  CHECK(steady_state(scenario)[0].sustained.text() == "470.533");
}

TEST_CASE("ports beyond the TIME_WAIT entries that a host keeps are free at once") {
  Scenario scenario = churn();
  set_range(scenario, 40'000, 200);
  scenario.hosts.at("client").settings.max_time_wait_buckets = 50;
  Workload& load = scenario.workloads.at("load");
  load.hold = HoldConstant{milliseconds(100)};
  load.arrivals = ConstantRate{milliseconds(25)};
  load.connections = 4000;
  CHECK(steady_state(scenario)[0].sustained.text() == "1500.000");
  CHECK(steady_state(scenario)[0].past_the_buckets);
  CHECK_FALSE(steady_state(scenario)[0].first_failure_after);
  CHECK(capacity(scenario).binding.empty());
  load.arrivals = ConstantRate{Duration(500'000)};  // 2,000 a second
  CHECK(steady_state(scenario)[0].first_failure_after == Interval::exactly(200));
  load.hold = HoldConstant{};
  CHECK(steady_state(scenario).empty());
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
  CHECK(SustainedRate{1, 3'000'000'000}.text() == "0.333");
  CHECK(SustainedRate{1, 1}.text() == "1000000000.000");
  CHECK(SustainedRate{0, 7}.text() == "0.000");
  CHECK(SustainedRate{28232, 60'000'000'000}.text() == "470.533");
}
