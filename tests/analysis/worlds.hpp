// Small scenarios for the tests of analysis/.
#pragma once

#include <algorithm>
#include <memory>
#include <string>

#include "model/scenario/scenario.hpp"
#include "model/systems/os_profile.hpp"

namespace netlimits::analysis {

inline std::shared_ptr<OsProfile> linux_profile() {
  auto profile = std::make_shared<OsProfile>();
  profile->name = "linux";
  profile->system = "linux";
  return profile;
}

inline HostGroup host(const std::string& name, const std::string& address, std::uint64_t count = 1) {
  HostGroup made;
  made.name = name;
  made.profile = linux_profile();
  made.settings = made.profile->settings;
  made.count = count;
  made.addresses.push_back(*AddressBlock::parse(address));
  return made;
}

// "client" at 10.0.0.5 with a process "app", "server" at 10.1.0.9 with a process "web" that listens on port 443, and
// one workload "load" between them.
inline Scenario outbound(std::uint64_t connections, std::uint64_t client_nofile = 100'000,
                         std::uint64_t server_nofile = 100'000) {
  Scenario scenario;
  scenario.name = "outbound";
  HostGroup client = host("client", "10.0.0.5");
  client.processes.push_back({.name = "app", .nofile = client_nofile});
  HostGroup server = host("server", "10.1.0.9");
  server.processes.push_back(
      {.name = "web", .nofile = server_nofile, .listeners = {{.endpoint = *Endpoint::parse("0.0.0.0:443")}}});
  scenario.hosts = {{"client", client}, {"server", server}};
  Workload load;
  load.name = "load";
  load.from_host = "client";
  load.from_process = "app";
  load.to = {*Endpoint::parse("10.1.0.9:443")};
  load.connections = connections;
  scenario.workloads.emplace("load", load);
  return scenario;
}

inline void set_range(Scenario& scenario, std::uint16_t first, std::uint32_t size) {
  scenario.hosts.at("client").settings.local_port_range = {Port{first},
                                                           Port{static_cast<std::uint16_t>(first + size - 1)}};
}

inline void add_destination(Scenario& scenario, std::uint16_t port) {
  scenario.hosts.at("server").processes.front().listeners.push_back(
      {.endpoint = {*IpAddress::parse("0.0.0.0"), Port{port}}});
  scenario.workloads.at("load").to.push_back({*IpAddress::parse("10.1.0.9"), Port{port}});
}

inline void add_source(Scenario& scenario) {
  HostGroup& client = scenario.hosts.at("client");
  Workload& load = scenario.workloads.at("load");
  if (load.sources.empty()) load.sources.push_back(client.addresses.front().address);
  client.addresses.push_back(AddressBlock::single(load.sources.back().plus(1)));
  load.sources.push_back(client.addresses.back().address);
}

}  // namespace netlimits::analysis
