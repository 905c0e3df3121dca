// Clients, proxies and back ends, for scenarios that tests make.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "model/scenario/scenario.hpp"

namespace netlimits::tests {

struct ProxiedWorld {
  std::uint64_t clients = 10;
  std::uint64_t proxies = 1;
  std::uint64_t workers = 1;
  std::uint64_t back_ends = 1;
  std::uint64_t proxy_nofile = 1'000;
  std::uint64_t server_nofile = 100'000;
  std::uint64_t worker_connections = 0;
  std::uint32_t ports = 10'000;  // of a proxy's host
};

// "users" from client/app to each proxy in turn, all at once and for ever; `proxy`/nginx passes on to server/app. A
// worker has four descriptors of its own, its listener among them. `profile`: of all hosts.
inline Scenario proxied_world(const ProxiedWorld& shape, std::shared_ptr<const OsProfile> profile,
                              const Settings& settings) {
  Scenario scenario;
  scenario.name = "proxied";
  const auto host = [&](const std::string& name, const char* address, std::uint64_t count) {
    HostGroup made;
    made.name = name;
    made.profile = profile;
    made.settings = settings;
    made.count = count;
    made.addresses.push_back(*AddressBlock::parse(address));
    return made;
  };
  HostGroup client = host("client", "10.0.0.5", 1);
  client.processes.push_back({.name = "app", .nofile = 1'000'000});
  client.settings.local_port_range = {Port{1024}, Port{65535}};
  HostGroup proxy = host("proxy", "10.1.0.1", shape.proxies);
  proxy.settings.local_port_range = {Port{20'000}, Port{static_cast<std::uint16_t>(20'000 + shape.ports - 1)}};
  Listener listener{.endpoint = *Endpoint::parse("0.0.0.0:443")};
  listener.inherited = shape.workers > 1;
  proxy.processes.push_back(
      {.name = "nginx", .count = shape.workers, .nofile = shape.proxy_nofile, .listeners = {listener}});
  HostGroup server = host("server", "10.2.0.1", shape.back_ends);
  server.processes.push_back(
      {.name = "app", .nofile = shape.server_nofile, .listeners = {{.endpoint = *Endpoint::parse("0.0.0.0:8080")}}});
  scenario.hosts = {{"client", client}, {"proxy", proxy}, {"server", server}};
  Workload users;
  users.name = "users";
  users.from_host = "client";
  users.from_process = "app";
  users.connections = shape.clients;
  const IpAddress first_proxy = *IpAddress::parse("10.1.0.1");
  for (std::uint64_t i = 0; i < shape.proxies; ++i) users.to.push_back({first_proxy.plus(i), Port{443}});
  scenario.workloads.emplace("users", users);
  Proxy edge{.name = "edge", .host = "proxy", .process = "nginx"};
  const IpAddress first_server = *IpAddress::parse("10.2.0.1");
  for (std::uint64_t i = 0; i < shape.back_ends; ++i) edge.to.push_back({first_server.plus(i), Port{8080}});
  edge.worker_connections = shape.worker_connections;
  scenario.proxies.emplace("edge", edge);
  return scenario;
}

}  // namespace netlimits::tests
