// A random scenario while it is written: its draws, and its elements one kind at a time. Inside fuzz/scenarios/.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fuzz/scenarios/draws.hpp"
#include "fuzz/scenarios/scenario_generator.hpp"
#include "model/scenario/topology.hpp"

namespace netlimits::fuzz {

inline constexpr std::uint16_t first_automatic_port = 40'000;  // of all small ranges

class ScenarioDraft {
 public:
  // `options` must outlive the draft.
  ScenarioDraft(std::uint64_t seed, std::uint64_t number, const ScenarioOptions& options);

  Scenario take() { return std::move(scenario_); }

  // In this order: each refers to what the ones before have made.
  void add_hosts();
  void add_balancers();
  void add_paths();
  void add_workloads();
  void add_events();
  void add_frame();  // end and windows
  void add_gateways(std::uint64_t seed, std::uint64_t number);
  void add_tables(std::uint64_t seed, std::uint64_t number);

 private:
  enum class Families : std::uint8_t { four, six, both };

  // ---- hosts (scenario_hosts.cpp)
  void add_host(const std::string& name, bool serves, std::uint32_t number);
  void add_addresses(HostGroup& host, bool serves, std::uint32_t number);
  void add_processes(HostGroup& host, bool serves);
  void add_listener(HostGroup& host, Process& process);
  IpAddress listening_address(const HostGroup& host);
  std::int64_t some_backlog();
  AcceptPolicy some_accept_policy();

  // ---- what a host is set to and holds (scenario_settings.cpp)
  void add_settings(HostGroup& host, bool serves);
  void add_linux_settings(HostGroup& host, bool serves);
  void add_other_settings(HostGroup& host);
  void set(HostGroup& host, const std::string& name, const std::string& value);
  std::string some_port_range();
  void add_held_ports(HostGroup& host);
  void add_held_connections(HostGroup& host);
  void add_file_limits(HostGroup& host);
  std::vector<IpAddress> held_addresses(const HostGroup& host) const;

  // ---- workloads (scenario_workloads.cpp)
  void add_workload(const std::string& name);
  std::vector<Endpoint> destinations_of(const HostGroup& from);
  void add_bind(const HostGroup& from, Workload& workload);
  void add_sources(const HostGroup& from, Workload& workload);
  bool has_usual_source(const HostGroup& from, const Workload& workload) const;
  Arrivals some_arrivals();
  Hold some_hold();
  Retry some_retry();
  Duration some_time();

  // ---- everything else (scenario_generator.cpp)
  std::optional<Event> some_event();
  std::optional<Event> some_setting_change();
  const HostGroup& some_host();

  // Endpoints at which a host listens, other than on loopback: of every instance.
  std::vector<Endpoint> reachable_endpoints() const;

  Draws draws_;
  const ScenarioOptions& options_;
  Scenario scenario_{};
  bool plain_ = false;
  Families families_ = Families::four;
};

// Would a socket that is bound to `a` stand in the way of one at `b`, on the same port? (As the loader says it.)
bool addresses_meet(const IpAddress& a, const IpAddress& b, bool v6_only);

// Does the host, or the first one of its group, listen there?
bool listens_at(const HostGroup& host, const Endpoint& endpoint);

}  // namespace netlimits::fuzz
