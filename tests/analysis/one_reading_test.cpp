// The replay and the closed forms take a scenario to mean the same: sources, listeners, families, take-overs.
#include <fmt/format.h>

#include <string>

#include "analysis/capacity.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/scenario_loader.hpp"
#include "sim/replay.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;

namespace {

struct WrittenWorld {
  std::string client{};     // keys of the host beside its process
  std::string server{};     // its addresses, settings, held ports ...
  std::string listeners{};  // of its process "web"
  std::string workload{};   // destinations, connections ...
  std::string more{};       // balancers, paths
};

Scenario scenario_of(const WrittenWorld& world) {
  const std::string text = fmt::format(
      R"({{"netlimits": 1, "name": "w", "hosts": {{
 "client": {{{}, "processes": {{"app": {{"nofile": 4096}}}}}},
 "server": {{{}, "processes": {{"web": {{"nofile": 4096, "listeners": [{}]}}}}}}}},
 "workloads": {{"load": {{"from": "client/app", {}}}}}{}}})",
      world.client, world.server, world.listeners, world.workload, world.more);
  auto loaded = scenarios::load_scenario(text, "w.json", scenarios::ProfileSet::built_in());
  if (!loaded) FAIL(loaded.error().front().text());
  return std::move(*loaded);
}

// What both say; each check is made of both.
struct Answers {
  explicit Answers(const WrittenWorld& world) : scenario(scenario_of(world)), found(capacity(scenario)) {
    run = sim::replay(scenario);
    load = run.workloads.at("load");
  }
  // So many are open together and accepted, and the first failure is of this limit at this place.
  void hold(std::uint64_t accepted, Limit limit, const std::string& place) const {
    std::uint64_t taken = 0;
    for (const auto& [name, process] : run.hosts.at("server").processes) taken += process.accepted;
    for (const auto& [name, process] : run.hosts.at("client").processes) taken += process.accepted;
    CHECK(taken == accepted);
    CHECK(found.capacity == Interval::exactly(accepted));
    CHECK(found.established == Interval::exactly(load.peak_open));
    REQUIRE(load.failures.size() == 1);
    CHECK(load.failures[0].limit == limit);
    CHECK(load.failures[0].place.text() == place);
    REQUIRE(found.binding.size() == 1);
    CHECK(found.binding[0].limit == limit);
    CHECK(found.binding[0].place.text() == place);
  }
  Scenario scenario;
  Capacity found;
  RunResult run;
  WorkloadResult load;
};

const std::string client_v4 = R"("addresses": ["10.0.0.5/24"])";
const std::string server_both = R"("addresses": ["10.0.0.9/24", "2001:db8::9/64"])";
const std::string wide_v6 = R"({"endpoint": "[::]:443"})";
const std::string v6_only = R"(, "settings": {"net.ipv6.bindv6only": "1"})";

std::string two_subnets(const std::string& bind) { return R"("to": ["192.168.1.9:443"], "connections": 25)" + bind; }

}  // namespace

TEST_CASE("two subnets: failures, pool and capacity name the address that routing chooses, and the moment") {
  const std::string client = R"("addresses": ["10.0.0.5/24", "192.168.1.5/24"],
    "settings": {"net.ipv4.ip_local_port_range": "40000 40019"})";
  struct Case {
    std::string bind;
    std::string place;
  };
  for (const Case& each :
       {Case{"", "client 192.168.1.5 -> 192.168.1.9:443"},
        Case{R"(, "bind": "address_no_port")", "client 192.168.1.5 -> 192.168.1.9:443"},
        Case{R"(, "bind": "address")", "client 192.168.1.5 -> *"},
        Case{R"(, "bind": "address_no_port", "sources": ["10.0.0.5"])", "client 10.0.0.5 -> 192.168.1.9:443"}}) {
    CAPTURE(each.bind);
    const Answers answers(
        {client, R"("addresses": ["192.168.1.9/24"])", R"({"endpoint": "0.0.0.0:443"})", two_subnets(each.bind), ""});
    answers.hold(20, Limit::ephemeral_ports, each.place);
    for (const LimitUse& use : answers.run.limits) {
      if (use.limit != Limit::ephemeral_ports) continue;
      CHECK(use.place.text() == each.place);
      CHECK(use.peak == 20);
      CHECK(use.capacity == 20);
      CHECK(use.first_exhausted_at == time_zero);
    }
  }
}

TEST_CASE("two IPv6 subnets: the address with the longest common prefix") {
  const Answers answers({R"("addresses": ["2001:db8:1::5/64", "2001:db8:2::5/64"],
    "settings": {"net.ipv4.ip_local_port_range": "40000 40019"})",
                         R"("addresses": ["2001:db8:2::9/64"])", wide_v6,
                         R"("to": ["[2001:db8:2::9]:443"], "connections": 25)", ""});
  answers.hold(20, Limit::ephemeral_ports, "client 2001:db8:2::5 -> [2001:db8:2::9]:443");
}

TEST_CASE("destinations in two subnets have a pool each, also where bind() takes the port") {
  for (const std::string bind : {"", R"(, "bind": "address")"}) {
    const Answers answers({R"("addresses": ["10.0.0.5/24", "192.168.1.5/24"],
      "settings": {"net.ipv4.ip_local_port_range": "40000 40019"})",
                           R"("addresses": ["10.0.0.9/24", "192.168.1.9/24"])", R"({"endpoint": "0.0.0.0:443"})",
                           R"("to": ["10.0.0.9:443", "192.168.1.9:443"], "connections": 50)" + bind, ""});
    CHECK(answers.found.capacity == Interval::exactly(40));
    CHECK(answers.load.established == 40);
    CHECK(answers.load.failures.size() == 2);
  }
}

TEST_CASE("an IPv6 wildcard that is IPv6 only takes no IPv4 client, and one at the address is asked first") {
  const std::string to_v4 = R"("to": ["10.0.0.9:443"], "connections": 25, "no_listener": true)";
  const Answers none({client_v4, server_both + v6_only, wide_v6, to_v4, ""});
  none.hold(0, Limit::no_listener, "client 10.0.0.5 -> 10.0.0.9:443");
  const Answers taken({client_v4, server_both, wide_v6, to_v4, ""});
  CHECK(taken.found.capacity == Interval::exactly(25));
  CHECK(taken.load.established == 25);
  // The wildcard's program accepts, the exact address's does not.
  const Answers exact({client_v4, server_both + v6_only,
                       R"({"endpoint": "0.0.0.0:443", "shared": "reuse_port"},
      {"endpoint": "10.0.0.9:443", "shared": "reuse_port", "accept": "stalled", "backlog": 4})",
                       to_v4, ""});
  CHECK(exact.found.capacity == Interval::exactly(0));
  CHECK(exact.found.established == Interval::exactly(5));
  CHECK(exact.load.peak_open == 5);
}

TEST_CASE("a balancer on IPv6 reaches a listener that is IPv6 only") {
  const Answers answers(
      {R"("addresses": ["2001:db8::5/64"])", server_both + v6_only, wide_v6, R"("to": ["lb"], "connections": 7)",
       R"(, "balancers": {"lb": {"endpoint": "[2001:db8::1]:443", "back_ends": ["[2001:db8::9]:443"]}})"});
  CHECK(answers.found.capacity == Interval::exactly(7));
  CHECK(answers.load.established == 7);
}

TEST_CASE("a client without an address of the destination's family has no way there") {
  const Answers v6(
      {client_v4, R"("addresses": ["2001:db8::9"])", wide_v6, R"("to": ["[2001:db8::9]:443"], "connections": 1)", ""});
  v6.hold(0, Limit::no_route, "client :: -> [2001:db8::9]:443");
  CHECK(v6.load.failures[0].error == Error::enetunreach);
  const Answers v4({R"("addresses": ["2001:db8::1"])", R"("addresses": ["10.1.0.1"])", R"({"endpoint": "0.0.0.0:80"})",
                    R"("to": ["10.1.0.1:80"], "connections": 4)", ""});
  v4.hold(0, Limit::no_route, "client 0.0.0.0 -> 10.1.0.1:80");
  const Answers mixed(
      {client_v4, server_both, wide_v6, R"("to": ["10.0.0.9:443", "[2001:db8::9]:443"], "connections": 10)", ""});
  mixed.hold(5, Limit::no_route, "client :: -> [2001:db8::9]:443");
}

TEST_CASE("what listens outside the scenario completes connections as far as its queue goes, and accepts none") {
  const Answers answers({client_v4, server_both + R"(, "held_ports": [{"address": "0.0.0.0", "ports": [8080]}])",
                         R"({"endpoint": "0.0.0.0:443"})",
                         R"("to": ["10.0.0.9:8080"], "connections": 6, "no_listener": true)", ""});
  answers.hold(0, Limit::listen_backlog, "client 10.0.0.5 -> 10.0.0.9:8080");
}

TEST_CASE("TIME_WAIT take-overs before 6.14 refuse when and where the replay says so") {
  struct Case {
    const char* profile;
    const char* range;
    int connections;
    const char* rate;
    std::uint64_t established;
  };
  for (const Case& each :
       {Case{"linux-6.1", "40000 40019", 400, "36/s", 224}, Case{"linux-5.4", "40000 40099", 1000, "160/s", 640},
        Case{"linux-6.1", "40000 40019", 400, "18/s", 400}, Case{"linux-6.18", "40000 40019", 400, "18/s", 400}}) {
    CAPTURE(each.profile, each.rate);
    const Answers answers(
        {fmt::format(R"("profile": "{}", "addresses": ["10.0.0.5/24"], "settings": {{
           "net.ipv4.ip_local_port_range": "{}", "net.ipv4.tcp_tw_reuse": "1"}})",
                     each.profile, each.range),
         server_both, R"({"endpoint": "0.0.0.0:443"})",
         fmt::format(R"("to": ["10.0.0.9:443"], "connections": {}, "arrivals": {{"rate": "{}"}}, "hold": "1ms")",
                     each.connections, each.rate),
         ""});
    CHECK(answers.load.established == each.established);
    REQUIRE(answers.found.steady_state.size() == 1);
    const SteadyState& steady = answers.found.steady_state[0];
    CHECK(steady.first_failure_at.has_value() == !answers.load.failures.empty());
    if (answers.load.failures.empty()) continue;
    CHECK(steady.first_failure_at == answers.load.failures[0].first_at);
    CHECK(steady.first_failure_after->contains(answers.load.failures[0].first_after_established));
    CHECK(steady.place.text() == answers.load.failures[0].place.text());
  }
}

TEST_CASE("a host that keeps few TIME_WAIT entries never runs out of the ports beyond them") {
  const Answers answers({R"("addresses": ["10.0.0.5"], "settings": {"net.ipv4.ip_local_port_range": "40000 40199",
                           "net.ipv4.tcp_max_tw_buckets": "50"})",
                         server_both, R"({"endpoint": "0.0.0.0:443"})",
                         R"("to": ["10.0.0.9:443"], "connections": 400, "arrivals": {"rate": "40/s"}, "hold": "100ms")",
                         R"(, "duration": "12s")"});
  CHECK(answers.load.established == 400);
  CHECK(answers.found.binding.empty());
  CHECK_FALSE(answers.found.steady_state[0].first_failure_at);
  CHECK(answers.found.steady_state[0].sustained.text() == "1500.000");
}
