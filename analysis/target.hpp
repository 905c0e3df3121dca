// What lies behind a destination: a listener, a balancer, or nothing.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "model/scenario/scenario.hpp"
#include "model/scenario/topology.hpp"

namespace netlimits::analysis {

enum class Reach : std::uint8_t { listener, balancer, no_listener, no_route };

struct Target {
  Reach reach = Reach::no_route;
  const HostGroup* host = nullptr;  // for a listener, and where nobody listens
  std::uint64_t instance = 0;       // of the group
  bool own = false;                 // a loopback address: each client's own host
  std::size_t process = 0;          // for a listener: positions in the host's configuration
  std::size_t listener = 0;
  const Balancer* balancer = nullptr;
};

class Targets {
 public:
  explicit Targets(const Scenario& scenario) : scenario_(&scenario), topology_(scenario) {}

  Target of(std::string_view client_group, const Endpoint& destination) const;
  Target behind(const Balancer& balancer, const Endpoint& back_end) const;

 private:
  Target on_host(std::string_view from, const Endpoint& destination) const;

  const Scenario* scenario_;
  Topology topology_;
};

// How many completed connections wait in one accept queue at most (facts: Linux holds min(backlog, somaxconn) + 1; the
// backlog counts as unsigned, so that a negative one is the largest).
std::uint64_t accept_queue_size(const HostGroup& host, const Listener& listener);

// Descriptors of one process that are left for connections. Requires: the system bounds descriptors.
std::uint64_t free_descriptors(const Process& process);

// Open files of one host that are left for connections.
std::uint64_t free_files(const HostGroup& host);

}  // namespace netlimits::analysis
