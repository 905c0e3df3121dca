// Small scenarios for the live tests, built as values.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "live/sandbox/running_kernel.hpp"
#include "model/scenario/scenario.hpp"
#include "model/systems/kernel_version.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits::live::worlds {

inline std::shared_ptr<const OsProfile> this_kernel() {
  auto profile = std::make_shared<OsProfile>();
  profile->name = "linux";
  profile->system = "linux";
  profile->rules.in_force = rules_of(Systems::linux_only, *kernel_version(kernel_release()));
  return profile;
}

inline HostGroup host(const std::string& name, const std::vector<std::string>& addresses) {
  HostGroup group;
  group.name = name;
  group.profile = this_kernel();
  group.settings = group.profile->settings;
  for (const std::string& address : addresses) group.addresses.push_back(*AddressBlock::parse(address));
  group.address_stride = addresses.empty() ? 1 : addresses.size();
  return group;
}

inline Process program(const std::string& name, std::uint64_t nofile = 4096) {
  Process process;
  process.name = name;
  process.nofile = nofile;
  return process;
}

inline Listener listener(const std::string& endpoint, std::int64_t backlog = 511, AcceptPolicy accept = {}) {
  return {.endpoint = *Endpoint::parse(endpoint), .backlog = backlog, .accept = accept};
}

inline Workload workload(const std::string& name, const std::vector<std::string>& to, std::uint64_t connections) {
  Workload made;
  made.name = name;
  made.from_host = "client";
  made.from_process = "app";
  for (const std::string& endpoint : to) made.to.push_back(*Endpoint::parse(endpoint));
  made.connections = connections;
  return made;
}

// A client (10.0.0.5) and a server (10.1.0.9, port 443) on a wire, with a range of `ports` automatic ports.
inline Scenario client_and_server(std::uint16_t ports, std::uint64_t connections) {
  Scenario scenario;
  scenario.name = "test";
  HostGroup client = host("client", {"10.0.0.5"});
  client.settings.local_port_range = {Port{40000}, Port{static_cast<std::uint16_t>(40000 + ports - 1)}};
  client.processes.push_back(program("app"));
  HostGroup server = host("server", {"10.1.0.9"});
  server.processes.push_back(program("web"));
  server.processes[0].listeners.push_back(listener("10.1.0.9:443"));
  scenario.hosts.emplace("client", client);
  scenario.hosts.emplace("server", server);
  scenario.workloads.emplace("load", workload("load", {"10.1.0.9:443"}, connections));
  return scenario;
}

inline HostGroup& client_of(Scenario& scenario) { return scenario.hosts.at("client"); }
inline HostGroup& server_of(Scenario& scenario) { return scenario.hosts.at("server"); }
inline Workload& load_of(Scenario& scenario) { return scenario.workloads.at("load"); }

}  // namespace netlimits::live::worlds
