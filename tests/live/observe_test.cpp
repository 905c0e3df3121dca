// Scenarios of a few connections on this machine's kernel: what was observed is what the rules say.
#include "live/run/observe.hpp"

#include <chrono>
#include <string>
#include <utility>

#include "live/sandbox/nft.hpp"
#include "live/sandbox/own_descriptors.hpp"
#include "model/scenario/places.hpp"
#include "tests/catch.hpp"
#include "tests/live/observed.hpp"
#include "tests/live/worlds.hpp"

namespace netlimits::live {
namespace {

using namespace worlds;

const LimitUse* use_of(const RunResult& result, Limit limit, const std::string& place) {
  for (const LimitUse& use : result.limits) {
    if (use.limit == limit && use.place.text() == place) return &use;
  }
  return nullptr;
}

}  // namespace

TEST_CASE("a client runs out of automatic ports to one endpoint") {
  const Observation seen = observed(client_and_server(20, 25));
  const WorkloadResult& load = seen.result.workloads.at("load");
  CHECK(load.attempted == 25);
  CHECK(load.established == 20);
  CHECK(load.failed == 5);
  CHECK(load.open_at_end == 20);
  REQUIRE(load.failures.size() == 1);
  CHECK(load.failures[0].limit == Limit::ephemeral_ports);
  CHECK(load.failures[0].error == Error::eaddrnotavail);
  CHECK(load.failures[0].count == 5);
  CHECK(load.failures[0].first_after_established == 20);
  CHECK(load.failures[0].place.text() == "client 10.0.0.5 -> 10.1.0.9:443");
  REQUIRE(seen.result.binding);
  CHECK(seen.result.binding->limit == Limit::ephemeral_ports);
  const ProcessResult& web = seen.result.hosts.at("server").processes.at("web");
  CHECK(web.accepted == 20);
  CHECK(web.descriptors_peak == 3 + 1 + 20);
  const LimitUse* pool = use_of(seen.result, Limit::ephemeral_ports, "client 10.0.0.5 -> 10.1.0.9:443");
  REQUIRE(pool != nullptr);
  CHECK(pool->peak == 20);
  CHECK(pool->capacity == 20);
  CHECK(pool->exhausted);
}

TEST_CASE("a second destination gives the whole range again") {
  Scenario scenario = client_and_server(20, 50);
  server_of(scenario).processes[0].listeners.push_back(listener("10.1.0.9:444"));
  load_of(scenario).to.push_back(*Endpoint::parse("10.1.0.9:444"));
  CHECK(observed(scenario).result.workloads.at("load").established == 40);
}

TEST_CASE("IPv6 hosts run out of ports like IPv4 ones") {
  Scenario scenario = client_and_server(20, 25);
  client_of(scenario).addresses = {*AddressBlock::parse("2001:db8::5")};
  server_of(scenario).addresses = {*AddressBlock::parse("2001:db8:1::9")};
  server_of(scenario).processes[0].listeners = {listener("[2001:db8:1::9]:443")};
  load_of(scenario).to = {*Endpoint::parse("[2001:db8:1::9]:443")};
  const WorkloadResult load = observed(scenario).result.workloads.at("load");
  CHECK(load.established == 20);
  REQUIRE(load.failures.size() == 1);
  CHECK(load.failures[0].place.text() == "client 2001:db8::5 -> [2001:db8:1::9]:443");
}

TEST_CASE("places of the longest names and two IPv6 addresses come back from the kernel whole, to the last figure") {
  const std::string to = "[2001:db8:ffff:ffff:ffff:ffff:ffff:fff9]:65443";
  const std::string name(64, 'c');
  Scenario scenario = client_and_server(20, 25);
  auto client = scenario.hosts.extract("client");
  client.key() = client.mapped().name = load_of(scenario).from_host = name;
  client.mapped().addresses = {*AddressBlock::parse("2001:db8:ffff:ffff:ffff:ffff:ffff:fff5")};
  scenario.hosts.insert(std::move(client));
  server_of(scenario).addresses = {*AddressBlock::parse("2001:db8:ffff:ffff:ffff:ffff:ffff:fff9")};
  server_of(scenario).processes[0].name = std::string(64, 'w');
  server_of(scenario).processes[0].listeners = {listener(to)};
  load_of(scenario).to = {*Endpoint::parse(to)};
  const RunResult result = observed(scenario).result;
  const Place place = outbound_place(scenario.hosts.at(name),
                                     *IpAddress::parse("2001:db8:ffff:ffff:ffff:ffff:ffff:fff5"), *Endpoint::parse(to));
  REQUIRE(place.text().size() > 127);
  REQUIRE(result.workloads.at("load").failures.size() == 1);
  CHECK(result.workloads.at("load").failures[0].place == place);
  REQUIRE(result.binding);
  CHECK(*result.binding == PlacedLimit{Limit::ephemeral_ports, place});
  const LimitUse* pool = use_of(result, Limit::ephemeral_ports, place.text());
  REQUIRE(pool != nullptr);
  CHECK(pool->place == place);
  CHECK(pool->exhausted);
}

TEST_CASE("a client meets its descriptor limit before the ports run out") {
  Scenario scenario = client_and_server(200, 100);
  client_of(scenario).processes[0].nofile = 64;
  const WorkloadResult load = observed(scenario).result.workloads.at("load");
  CHECK(load.established == 61);
  REQUIRE(load.failures.size() == 1);
  CHECK(load.failures[0].limit == Limit::fd_per_process);
  CHECK(load.failures[0].error == Error::emfile);
  CHECK(load.failures[0].place.text() == "client/app");
}

TEST_CASE("a server without descriptors lets clients wait in its accept queue, then drops their SYNs") {
  Scenario scenario = client_and_server(200, 100);
  server_of(scenario).processes[0].nofile = 32;
  server_of(scenario).processes[0].listeners[0].backlog = 10;
  client_of(scenario).settings.syn_retries = 1;
  client_of(scenario).settings.syn_linear_timeouts = 0;
  const Observation seen = observed(scenario);
  const WorkloadResult& load = seen.result.workloads.at("load");
  const ProcessResult& web = seen.result.hosts.at("server").processes.at("web");
  CHECK(web.accepted == 28);
  CHECK(web.queued_at_end == 11);
  CHECK(web.descriptors_peak == 32);
  CHECK(load.established == 39);
  REQUIRE(load.failures.size() == 1);
  CHECK(load.failures[0].error == Error::etimedout);
  CHECK(load.failures[0].limit == Limit::listen_backlog);
  CHECK(load.failures[0].count == 61);
  REQUIRE(seen.result.binding);
  CHECK(seen.result.binding->limit == Limit::fd_per_process);
  CHECK(seen.result.binding->place.text() == "server/web");
}

TEST_CASE("a stalled server holds exactly its backlog and one more") {
  Scenario scenario = client_and_server(200, 20);
  server_of(scenario).processes[0].listeners[0] = listener("10.1.0.9:443", 5, AcceptStalled{});
  client_of(scenario).settings.syn_retries = 1;
  client_of(scenario).settings.syn_linear_timeouts = 0;
  const WorkloadResult load = observed(scenario).result.workloads.at("load");
  CHECK(load.established == 6);
  CHECK(load.failed == 14);
}

TEST_CASE("a paced server takes everyone in the end") {
  Scenario scenario = client_and_server(200, 12);
  server_of(scenario).processes[0].listeners[0] =
      listener("10.1.0.9:443", 20, AcceptPaced{std::chrono::milliseconds(20)});
  const Observation seen = observed(scenario);
  CHECK(seen.result.workloads.at("load").established == 12);
  CHECK(seen.result.hosts.at("server").processes.at("web").accepted == 12);
  CHECK(seen.result.ended_at >= SimTime(std::chrono::milliseconds(200)));
}

TEST_CASE("the same explicit port twice to one destination is one four-tuple too many") {
  Scenario scenario = client_and_server(200, 3);
  server_of(scenario).processes[0].listeners.push_back(listener("10.1.0.9:444"));
  load_of(scenario).to.push_back(*Endpoint::parse("10.1.0.9:444"));
  load_of(scenario).bind = BindExplicit{{PortRange{Port{50000}, Port{50000}}}, true};
  const WorkloadResult load = observed(scenario).result.workloads.at("load");
  CHECK(load.established == 2);
  REQUIRE(load.failures.size() == 1);
  CHECK(load.failures[0].limit == Limit::four_tuple);
  CHECK(load.failures[0].error == Error::eaddrnotavail);
}

TEST_CASE("bind to an address takes one port for all destinations, bind without port does not") {
  Scenario scenario = client_and_server(20, 60);
  client_of(scenario).addresses.push_back(*AddressBlock::parse("10.0.0.6"));
  server_of(scenario).processes[0].listeners.push_back(listener("10.1.0.9:444"));
  load_of(scenario).to.push_back(*Endpoint::parse("10.1.0.9:444"));
  load_of(scenario).sources = {*IpAddress::parse("10.0.0.5"), *IpAddress::parse("10.0.0.6")};
  SECTION("exclusive ports: two addresses, two pools") {
    load_of(scenario).bind = BindAddress{};
    const WorkloadResult load = observed(scenario).result.workloads.at("load");
    CHECK(load.established == 40);
    REQUIRE(load.failures.size() == 2);
    CHECK(load.failures[0].error == Error::eaddrinuse);
    CHECK(load.failures[0].limit == Limit::ephemeral_ports);
  }
  SECTION("ports by connect(): four pools") {
    load_of(scenario).bind = BindAddressNoPort{};
    CHECK(observed(scenario).result.workloads.at("load").established == 60);
  }
}

TEST_CASE("ports that others hold are missing from the range") {
  Scenario scenario = client_and_server(20, 25);
  client_of(scenario).held_ports.push_back({*IpAddress::parse("127.0.0.1"), {Port{40003}, Port{40007}}});
  CHECK(observed(scenario).result.workloads.at("load").established == 15);
}

TEST_CASE("connections from before are missing from the range towards their destination, and bound ports everywhere") {
  for (const bool v6 : {false, true}) {
    Scenario scenario = client_and_server(20, 30);
    const IpAddress from = *IpAddress::parse(v6 ? "2001:db8::5" : "10.0.0.5");
    const std::string to = v6 ? "[2001:db8:1::9]" : "10.1.0.9";
    client_of(scenario).addresses = {AddressBlock::single(from)};
    server_of(scenario).addresses = {*AddressBlock::parse(v6 ? "2001:db8:1::9" : "10.1.0.9")};
    server_of(scenario).processes[0].listeners = {listener(to + ":443"), listener(to + ":444")};
    load_of(scenario).to = {*Endpoint::parse(to + ":443")};
    client_of(scenario).held_ports.push_back({IpAddress::loopback(Family::inet), {Port{40018}, Port{40018}}, false});
    client_of(scenario).held_connections.push_back(
        {from, *Endpoint::parse(to + ":443"), {{Port{40000}, Port{40003}}, {Port{39000}, Port{39000}}}});
    client_of(scenario).held_connections.push_back({from, *Endpoint::parse(to + ":444"), {{Port{40005}, Port{40005}}}});
    scenario.workloads.emplace("other", workload("other", {to + ":444"}, 30));
    scenario.workloads.at("other").name = "other";
    const Observation seen = observed(scenario);
    CHECK(seen.result.workloads.at("load").established == 15);
    CHECK(seen.result.workloads.at("other").established == 18);
    for (const LimitUse& use : seen.result.limits) {
      if (use.limit != Limit::ephemeral_ports) continue;
      CHECK(use.peak == use.capacity);
      CHECK((use.peak == 15 || use.peak == 18));
    }
  }
}

TEST_CASE("who closes first holds TIME_WAIT") {
  Scenario scenario = client_and_server(100, 30);
  load_of(scenario).hold = HoldConstant{std::chrono::milliseconds(50)};
  SECTION("client") {
    const Observation seen = observed(scenario);
    CHECK(seen.result.hosts.at("client").time_wait_at_end == 30);
    CHECK(seen.result.hosts.at("server").time_wait_at_end == 0);
    CHECK(seen.result.workloads.at("load").open_at_end == 0);
  }
  SECTION("server") {
    load_of(scenario).closer = Closer::server;
    const Observation seen = observed(scenario);
    CHECK(seen.result.hosts.at("client").time_wait_at_end == 0);
    CHECK(seen.result.hosts.at("server").time_wait_at_end == 30);
  }
  SECTION("nobody after a reset") {
    load_of(scenario).closer = Closer::reset;
    const Observation seen = observed(scenario);
    CHECK(seen.result.hosts.at("client").time_wait_at_end == 0);
    CHECK(seen.result.hosts.at("server").time_wait_at_end == 0);
  }
}

TEST_CASE("processes that share an inherited listener add their descriptor limits up") {
  Scenario scenario = client_and_server(400, 300);
  Process& web = server_of(scenario).processes[0];
  web.count = 4;
  web.nofile = 64;
  web.listeners[0].inherited = true;
  web.listeners[0].backlog = 100;
  const ProcessResult seen = observed(scenario).result.hosts.at("server").processes.at("web");
  CHECK(seen.accepted == 240);
  CHECK(seen.accepted_least == 60);
  CHECK(seen.accepted_most == 60);
}

TEST_CASE("hundreds of client hosts share a namespace and are still hosts of their own") {
  Scenario scenario = client_and_server(4, 1500);
  client_of(scenario).count = 300;
  server_of(scenario).processes[0].listeners[0].backlog = 1000;
  const Observation seen = observed(scenario);
  const WorkloadResult& load = seen.result.workloads.at("load");
  CHECK(load.established == 1200);
  REQUIRE(load.failures.size() == 1);
  CHECK(load.failures[0].count == 300);
  CHECK(load.failures[0].place.text() == "client[300] -> 10.1.0.9:443");
}

TEST_CASE("nobody listens, nobody is there") {
  Scenario scenario = client_and_server(100, 4);
  client_of(scenario).settings.syn_retries = 1;
  client_of(scenario).settings.syn_linear_timeouts = 0;
  SECTION("no listener") {
    load_of(scenario).to = {*Endpoint::parse("10.1.0.9:80")};
    const WorkloadResult load = observed(scenario).result.workloads.at("load");
    REQUIRE(load.failures.size() == 1);
    CHECK(load.failures[0].error == Error::econnrefused);
    CHECK(load.failures[0].limit == Limit::no_listener);
  }
  SECTION("no owner of the address") {
    load_of(scenario).to = {*Endpoint::parse("10.7.7.7:80")};
    const WorkloadResult load = observed(scenario).result.workloads.at("load");
    REQUIRE(load.failures.size() == 1);
    CHECK(load.failures[0].error == Error::etimedout);
    CHECK(load.failures[0].limit == Limit::no_route);
  }
}

TEST_CASE("one host talks to itself over loopback") {
  Scenario scenario = client_and_server(20, 25);
  scenario.hosts.erase("server");
  client_of(scenario).processes.push_back(program("web"));
  client_of(scenario).processes[1].listeners.push_back(listener("127.0.0.1:443"));
  load_of(scenario).to = {*Endpoint::parse("127.0.0.1:443")};
  const WorkloadResult load = observed(scenario).result.workloads.at("load");
  CHECK(load.established == 20);
  REQUIRE(load.failures.size() == 1);
  CHECK(load.failures[0].place.text() == "client 127.0.0.1 -> 127.0.0.1:443");
}

TEST_CASE("each host of a group meets its own server at a loopback address, which closes when it is time") {
  Scenario scenario = client_and_server(25, 6);
  scenario.hosts.erase("server");
  client_of(scenario).count = 3;
  client_of(scenario).processes.push_back(program("web"));
  client_of(scenario).processes[1].listeners.push_back(listener("127.0.0.1:443"));
  load_of(scenario).to = {*Endpoint::parse("127.0.0.1:443")};
  load_of(scenario).hold = HoldConstant{std::chrono::milliseconds(300)};
  load_of(scenario).closer = Closer::server;
  const Observation seen = observed(scenario);
  CHECK(seen.result.workloads.at("load").established == 6);
  CHECK(seen.result.workloads.at("load").open_at_end == 0);
  CHECK(seen.result.hosts.at("client").processes.at("web").accepted == 6);
}

TEST_CASE("a process that is client and server has one descriptor limit for both") {
  Scenario scenario = client_and_server(200, 100);
  scenario.hosts.erase("server");
  client_of(scenario).processes[0].nofile = 44;
  client_of(scenario).processes[0].listeners.push_back(listener("127.0.0.1:443"));
  load_of(scenario).to = {*Endpoint::parse("127.0.0.1:443")};
  const Observation seen = observed(scenario);
  CHECK(seen.result.hosts.at("client").processes.at("app").descriptors_peak == 44);
  CHECK(seen.result.workloads.at("load").failures.at(0).error == Error::emfile);
}

TEST_CASE("with SO_REUSEPORT each process has a queue and a share of its own") {
  Scenario scenario = client_and_server(600, 200);
  Process& web = server_of(scenario).processes[0];
  web.count = 3;
  web.listeners[0].reuse_port = true;
  const ProcessResult seen = observed(scenario).result.hosts.at("server").processes.at("web");
  CHECK(seen.accepted == 200);
  CHECK(seen.accepted_least > 0);
  CHECK(seen.accepted_most < 200);
}

TEST_CASE("an explicit port without SO_REUSEADDR cannot be bound twice") {
  Scenario scenario = client_and_server(200, 3);
  load_of(scenario).bind = BindExplicit{{PortRange{Port{50000}, Port{50000}}}, false};
  const WorkloadResult load = observed(scenario).result.workloads.at("load");
  CHECK(load.established == 1);
  REQUIRE(load.failures.size() == 1);
  CHECK(load.failures[0].limit == Limit::port_in_use);
  CHECK(load.failures[0].error == Error::eaddrinuse);
}

TEST_CASE("a large range is filled to the last port, by windows and then by the kernel's own search") {
  Scenario scenario = client_and_server(6000, 6020);
  client_of(scenario).processes[0].nofile = hard_descriptor_limit();
  server_of(scenario).processes[0].nofile = hard_descriptor_limit();
  const WorkloadResult load = observed(scenario).result.workloads.at("load");
  CHECK(load.established == 6000);
  CHECK(load.failed == 20);
}

TEST_CASE("what chance decides is not run before it has been drawn") {
  Scenario scenario = client_and_server(200, 100);
  load_of(scenario).arrivals = PoissonRate{200'000};
  CHECK_FALSE(observe(scenario).ran);
}

TEST_CASE("a Poisson stream and exponential holds run to their end") {
  Scenario scenario = client_and_server(200, 100);
  load_of(scenario).arrivals = PoissonRate{200'000};
  load_of(scenario).hold = HoldExponential{std::chrono::milliseconds(50)};
  ObserveOptions options;
  for (int k = 0; k < 100; ++k)
    options.drawn.arrivals["load"].push_back(time_zero + std::chrono::milliseconds(k * k / 20));
  options.drawn.holds["load"] = {std::chrono::milliseconds(3), std::chrono::milliseconds(90)};
  const WorkloadResult load = observed(scenario, options).result.workloads.at("load");
  CHECK(load.established == 100);
  CHECK(load.open_at_end == 0);
}

TEST_CASE("hosts that no path joins do not reach each other") {
  Scenario scenario = client_and_server(100, 4);
  client_of(scenario).settings.syn_retries = 1;
  client_of(scenario).settings.syn_linear_timeouts = 0;
  scenario.hosts.emplace("island", host("island", {"10.3.0.1"}));
  scenario.paths.push_back({"client", "island", std::chrono::milliseconds(1)});
  const WorkloadResult load = observed(scenario).result.workloads.at("load");
  REQUIRE(load.failures.size() == 1);
  CHECK(load.failures[0].error == Error::etimedout);
}

}  // namespace netlimits::live
