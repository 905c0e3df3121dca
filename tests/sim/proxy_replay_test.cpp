// Runs through proxies: two connections for each client, and what becomes of one when the other ends.
#include <algorithm>
#include <chrono>
#include <string>

#include "sim/replay.hpp"
#include "tests/catch.hpp"
#include "tests/proxied_world.hpp"
#include "tests/sim/small_world.hpp"

namespace netlimits::sim {
namespace {

using std::chrono::seconds;

Scenario proxied(const tests::ProxiedWorld& shape) {
  const Scenario plain = small_world({});
  const HostGroup& host = plain.hosts.at("server");
  return tests::proxied_world(shape, host.profile, host.settings);
}

const WorkloadResult& users(const RunResult& result) { return result.workloads.at("users"); }
const WorkloadResult& edge(const RunResult& result) { return result.proxies.at("edge"); }

TEST_CASE("each client has a connection behind the proxy, and counts once in what is held") {
  const RunResult result = replay(proxied({.clients = 10, .back_ends = 2}));
  CHECK(users(result).established == 10);
  CHECK(edge(result).established == 10);
  CHECK(edge(result).open_at_end == 10);
  CHECK(result.held_peak == 10);
  CHECK(result.hosts.at("proxy").processes.at("nginx").descriptors_peak == 4 + 20);
  CHECK(result.hosts.at("server").processes.at("app").accepted_least == 5);
  CHECK_FALSE(result.binding);
}

TEST_CASE("a proxy's descriptors are full with half as many clients, and the rest waits") {
  const RunResult result = replay(proxied({.clients = 40, .proxy_nofile = 44}));
  CHECK(result.held_peak == 20);
  CHECK(edge(result).established == 20);
  REQUIRE(result.binding);
  CHECK(result.binding->limit == Limit::fd_per_process);
  CHECK(result.binding->place.text() == "proxy/nginx");
}

TEST_CASE("with an odd descriptor left a client is let in and let go") {
  const RunResult result = replay(proxied({.clients = 21, .proxy_nofile = 45}));
  CHECK(result.held_peak == 20);
  CHECK(users(result).established == 21);
  CHECK(users(result).lost == 1);
  REQUIRE(edge(result).failures.size() == 1);
  CHECK(edge(result).failures[0].limit == Limit::fd_per_process);
  CHECK(edge(result).failures[0].error == Error::emfile);
}

TEST_CASE("a proxy's own bound counts both sides and its listeners") {
  const RunResult result = replay(proxied({.clients = 40, .workers = 2, .worker_connections = 21}));
  CHECK(result.held_peak == 20);
  CHECK(users(result).lost == 20);
  REQUIRE(edge(result).failures.size() == 1);
  CHECK(edge(result).failures[0].limit == Limit::proxy_connections);
  CHECK(edge(result).failures[0].place.text() == "proxy/nginx");
  const auto use = std::find_if(result.limits.begin(), result.limits.end(),
                                [](const LimitUse& one) { return one.limit == Limit::proxy_connections; });
  REQUIRE(use != result.limits.end());
  CHECK(use->peak == 21);
  CHECK(use->capacity == 21);
  CHECK(use->exhausted);
}

TEST_CASE("a proxy's ports to one back end bound its clients") {
  const RunResult result = replay(proxied({.clients = 40, .ports = 12}));
  CHECK(result.held_peak == 12);
  CHECK(users(result).lost == 28);
  REQUIRE(result.binding);
  CHECK(result.binding->limit == Limit::ephemeral_ports);
  CHECK(result.binding->place.text() == "proxy 10.1.0.1 -> 10.2.0.1:8080");
}

TEST_CASE("what a client closes is closed behind, where the port stays in TIME_WAIT") {
  Scenario scenario = proxied({.clients = 10});
  scenario.workloads.at("users").hold = HoldConstant{seconds(1)};
  const RunResult result = replay(scenario);
  CHECK(users(result).open_at_end == 0);
  CHECK(users(result).lost == 0);
  CHECK(edge(result).open_at_end == 0);
  CHECK(result.hosts.at("proxy").time_wait_peak == 10);
  CHECK(result.hosts.at("server").processes.at("app").accepted == 10);
}

TEST_CASE("what the proxy closes first is closed behind as well") {
  Scenario scenario = proxied({.clients = 10});
  scenario.workloads.at("users").hold = HoldConstant{seconds(1)};
  scenario.workloads.at("users").closer = Closer::server;
  const RunResult result = replay(scenario);
  CHECK(users(result).open_at_end == 0);
  CHECK(edge(result).open_at_end == 0);
  CHECK(result.hosts.at("proxy").time_wait_peak == 20);
}

TEST_CASE("a client whose back end refuses is reset") {
  Scenario scenario = proxied({.clients = 10, .back_ends = 2});
  scenario.proxies.at("edge").to[1].port = Port{9};
  const RunResult result = replay(scenario);
  CHECK(users(result).established == 10);
  CHECK(users(result).lost == 5);
  CHECK(result.held_peak == 5);
  REQUIRE(edge(result).failures.size() == 1);
  CHECK(edge(result).failures[0].error == Error::econnrefused);
  CHECK(edge(result).failures[0].count == 5);
}

TEST_CASE("the workers of a proxy each go round the back ends") {
  const RunResult result = replay(proxied({.clients = 24, .workers = 3, .back_ends = 4}));
  CHECK(result.hosts.at("server").processes.at("app").accepted_least == 6);
  CHECK(result.hosts.at("server").processes.at("app").accepted_most == 6);
}

}  // namespace
}  // namespace netlimits::sim
