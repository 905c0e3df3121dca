// Connections that come by chance and find all ports in use are lost as Erlang's loss formula says.
//
// A. K. Erlang, "Solution of some Problems in the Theory of Probabilities of Significance in Automatic Telephone
// Exchanges" (1917): calls by a Poisson process to N lines are lost with the probability B(N, A), A being the rate
// times the mean hold; and, as was proven later (B. A. Sevast'yanov, 1957), whatever the distribution of the hold.
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "analysis/estimates/mean_estimate.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/scenario_loader.hpp"
#include "sim/replay.hpp"
#include "tests/catch.hpp"

using namespace netlimits;

namespace {

constexpr int ports = 300;
constexpr std::size_t replications = 100;
constexpr std::size_t warm_up = 8;  // seconds, each a mean hold: then it does not matter that it began empty
constexpr std::uint64_t billion = 1'000'000'000;

// B(0) = 1, B(n) = A B(n - 1) / (n + A B(n - 1)).
double erlang_b(double load) {
  double blocked = 1;
  for (int n = 1; n <= ports; ++n) blocked = load * blocked / (n + load * blocked);
  return blocked;
}

// Holds of a second on average: the rate is the load. A reset frees the port at once, on both ends.
Scenario of_load(int per_second, const std::string& hold) {
  const std::string rate = std::to_string(per_second);
  // Where losses are rare (22 in a million at 0.8) it takes longer to see some.
  const std::string seconds = std::to_string(warm_up + (per_second < ports ? 300 : 20));
  std::string text = R"({ "netlimits": 1, "name": "erlang", "window": "1s", "duration": ")";
  text.append(seconds).append(R"(s",
    "hosts": {
      "client": { "addresses": ["10.0.0.1"], "settings": { "net.ipv4.ip_local_port_range": "40000 40299" },
                  "processes": { "app": { "nofile": 65536 } } },
      "server": { "addresses": ["10.1.0.1"],
                  "processes": { "web": { "nofile": 65536, "listeners": [{ "endpoint": "0.0.0.0:80", "backlog": 4096 }] } } } },
    "paths": [{ "between": ["client", "server"], "rtt": "1us" }],
    "workloads": { "calls": { "from": "client/app", "to": ["10.1.0.1:80"], "connections": 100000, "close": "reset",
      "arrivals": { "poisson": ")");
  text.append(rate).append(R"(/s" }, "hold": )").append(hold).append("} } }");
  auto scenario = scenarios::load_scenario(text, "erlang.json", scenarios::ProfileSet::built_in());
  INFO(text);
  if (!scenario) FAIL(scenarios::text_of(scenario.error()));
  return *scenario;
}

// In billionths of those that came after the warm-up.
std::uint64_t lost_share(const Scenario& scenario) {
  const RunResult run = sim::replay(scenario);
  std::uint64_t attempted = 0;
  std::uint64_t failed = 0;
  const auto& windows = run.workloads.at("calls").windows;
  for (std::size_t i = warm_up; i < windows.size(); ++i) {
    attempted += windows[i].attempted;
    failed += windows[i].failed;
  }
  REQUIRE(attempted > 1000);
  return failed * billion / attempted;
}

}  // namespace

TEST_CASE("Poisson arrivals into 300 ports are lost as Erlang B says, whatever the distribution of the hold") {
  std::printf("load  hold         simulated    standard error  Erlang B\n");
  for (const auto& [name, hold] : std::vector<std::pair<std::string, std::string>>{
           {"exponential", R"({ "exponential": "1s" })"}, {"constant", R"("1s")"}}) {
    for (const int load : {240, 300, 360}) {
      Scenario scenario = of_load(load, hold);
      std::vector<std::uint64_t> shares;
      for (std::uint64_t seed = 1; seed <= replications; ++seed) {
        scenario.seed = seed;
        shares.push_back(lost_share(scenario));
      }
      const analysis::MeanEstimate estimate = analysis::estimate_of_mean(shares, 1);
      const double expected = erlang_b(load) * static_cast<double>(billion);
      const double off = static_cast<double>(estimate.mean) - expected;
      std::printf("%.1f   %-11s  %.9f  %.9f     %.9f\n", load / 300.0, name.c_str(),
                  static_cast<double>(estimate.mean) / 1e9, static_cast<double>(estimate.standard_error) / 1e9,
                  expected / 1e9);
      CAPTURE(load, name, estimate.mean, estimate.standard_error, expected);
      CHECK(std::abs(off) <= 3.0 * static_cast<double>(estimate.standard_error) + 1);
    }
  }
}
