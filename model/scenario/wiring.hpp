// What a scenario means, read once: the loader, the simulation, the analysis and the live runner ask here, and none of
// them works it out again. They differ in method (replay, flow, kernel), not in what they take a scenario to say.
//
//  - which source address a destination gets            model/scenario/source_choice.hpp
//  - who listens at an endpoint, and how long its queue is   model/scenario/listening.hpp
//  - what lies behind a destination                     here
//  - which gateway a connection goes through             here
//  - which nodes lie on the way, and with which delay   model/scenario/topology.hpp
//  - which connection goes where                        model/scenario/assignment.hpp
//  - when it begins                                     model/scenario/arrival_law.hpp
//  - which ports automatic choice may give              model/scenario/automatic_ports.hpp
//  - when a TIME_WAIT entry may be taken over           model/scenario/time_wait_takeover.hpp
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include <boost/container_hash/hash.hpp>

#include "model/scenario/listening.hpp"
#include "model/scenario/place.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/source_choice.hpp"
#include "model/scenario/topology.hpp"

namespace netlimits {

enum class Reach : std::uint8_t {
  listener,
  held_listener,  // something outside the scenario answers there, and accepts nothing
  balancer,
  no_listener,
  no_route,
};

// What lies behind a destination.
struct Target {
  Reach reach = Reach::no_route;
  const HostGroup* host = nullptr;  // for a listener of either kind, and where nobody listens
  std::uint64_t instance = 0;       // of the group
  bool own = false;                 // a loopback address: each client's own host
  Port port{};                      // of the destination
  std::size_t process = 0;          // for a listener: positions in the host's configuration; of several that share
  std::size_t listener = 0;         // the endpoint the first one
  const Balancer* balancer = nullptr;
  const Gateway* gateway = nullptr;  // that connections go through on their way there
};

class Wiring {
 public:
  // The scenario outlives this; its hosts, balancers and paths do not change meanwhile.
  explicit Wiring(const Scenario& scenario);

  const Topology& topology() const { return topology_; }
  const ListeningIndex& listening() const { return listening_; }

  // Null: no balancer has this endpoint.
  const Balancer* balancer_at(const Endpoint& destination) const;

  // The gateway that hosts of the group are behind; null: none. A balancer is behind none.
  const Gateway* gateway_of(std::string_view group) const;
  // The round trip between a host group and another one, or a balancer, through the gateway that the first one is
  // behind. Nothing: no way leads there, or the other one is behind a gateway of its own, which lets nobody in.
  std::optional<Duration> round_trip_between(std::string_view from, std::string_view to) const;

  // As connections from a host of the group meet it. Whether that host has a source address for it is not looked at
  // (SourceChoice).
  Target of(std::string_view client_group, const Endpoint& destination) const;
  Target behind(const Balancer& balancer, const Endpoint& back_end) const;

  // Is this back end on a host of the group? A host does not reach itself through a balancer: the SYN comes back to it
  // with its own address as the source, which IPv4 drops (net/ipv4/fib_frontend.c, fib_validate_source: martian) and
  // IPv6 answers over loopback, where nobody waits for it. Measured on 6.18 for both: ETIMEDOUT.
  bool comes_back(std::string_view client_group, const Endpoint& back_end) const;

  // The whole way of a connection from a host of the group, through a balancer to its first back end.
  // Nothing: it leads nowhere.
  std::optional<Duration> round_trip(std::string_view client_group, const Target& target) const;

 private:
  Target on_host(std::string_view from, const Endpoint& destination) const;
  const Gateway* gateway_towards(std::string_view from, std::string_view to) const;

  const Scenario* scenario_;
  Topology topology_;
  ListeningIndex listening_;
  std::unordered_map<Endpoint, const Balancer*, boost::hash<Endpoint>> balancers_{};  // unmapped; the first by name
  std::map<std::string, const Gateway*, std::less<>> gateways_{};                     // by host group
};

// Does the workload use a place, so that its connections count where that limit is concerned? A host or process: those
// that begin there or are accepted there do. A pool of ports or a way out: those of the host that go that way. A queue,
// or a destination that nobody answers at: those that go to that destination, from anywhere.
bool uses_place(const Wiring& wiring, const Workload& workload, const PlacedLimit& limit);

// Connections take their ways in turn, and so do balancers: one in so many ends at that program or host, of whichever
// instance.
struct WaysThere {
  std::uint64_t there = 0;
  std::uint64_t of = 1;
};
WaysThere ways_ending_at(const Wiring& wiring, const Workload& workload, const Place& place);

}  // namespace netlimits
