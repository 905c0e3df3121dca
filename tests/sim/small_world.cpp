// The hosts, listeners and the balancer of these scenarios.
#include "tests/sim/small_world.hpp"

#include <memory>

#include "model/systems/os_profile.hpp"

namespace netlimits::sim {
namespace {

HostGroup host(const char* name, const char* address, const char* process, std::uint64_t nofile) {
  HostGroup group;
  group.name = name;
  group.profile = std::make_shared<OsProfile>();
  group.settings = group.profile->settings;
  group.addresses = {*AddressBlock::parse(address)};
  group.processes.push_back({.name = process, .nofile = nofile});
  return group;
}

}  // namespace

Scenario small_world(const SmallWorld& shape) {
  Scenario scenario;
  HostGroup client = host("client", "10.0.0.5/24", "app", 100'000);
  client.settings.local_port_range = {Port{40000}, Port{static_cast<std::uint16_t>(40000 + shape.ports - 1)}};
  HostGroup server = host("server", "10.0.0.9/24", "web", shape.server_nofile);
  server.processes[0].listeners.push_back({.endpoint = *Endpoint::parse("10.0.0.9:443"), .backlog = shape.backlog});
  scenario.hosts = {{"client", client}, {"server", server}};
  scenario.paths = {{.a = "client", .b = "server", .round_trip = std::chrono::microseconds(200)}};
  Workload load;
  load.name = "load";
  load.from_host = "client";
  load.from_process = "app";
  load.to = {*Endpoint::parse("10.0.0.9:443")};
  load.connections = shape.connections;
  scenario.workloads = {{"load", load}};
  return scenario;
}

void add_listener(Scenario& scenario, const char* endpoint) {
  scenario.hosts.at("server").processes[0].listeners.push_back(
      {.endpoint = *Endpoint::parse(endpoint), .backlog = 4096});
}

Scenario balanced_world(std::uint64_t servers, std::uint64_t clients) {
  Scenario scenario = small_world({.ports = 1000, .connections = clients});
  HostGroup& client = scenario.hosts.at("client");
  client.count = clients;
  client.addresses = {*AddressBlock::parse("10.1.0.1/16")};
  HostGroup& server = scenario.hosts.at("server");
  server.count = servers;
  server.processes[0].listeners[0].endpoint = *Endpoint::parse("0.0.0.0:443");
  Balancer front;
  front.name = "front";
  front.endpoint = *Endpoint::parse("10.2.0.1:443");
  for (std::uint64_t i = 0; i < servers; ++i) {
    front.back_ends.push_back({IpAddress::parse("10.0.0.9")->plus(i), Port{443}});
  }
  scenario.balancers = {{"front", front}};
  scenario.paths = {{.a = "client", .b = "front", .round_trip = std::chrono::microseconds(200)},
                    {.a = "front", .b = "server", .round_trip = std::chrono::microseconds(200)}};
  scenario.workloads.at("load").to = {front.endpoint};
  return scenario;
}

}  // namespace netlimits::sim
