// The client side of a scenario, made ready for building flow networks: whose ports and descriptors each workload uses.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "analysis/interval.hpp"
#include "analysis/port_pool.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

struct PlannedWorkload {
  std::size_t index = 0;  // in the order of the names
  const Workload* workload = nullptr;
  const HostGroup* host = nullptr;
  const Process* process = nullptr;
  std::uint64_t programs = 1;
  std::uint64_t sources = 1;
  std::vector<Target> targets{};        // by destination; no route: the host has no source address for it
  std::vector<Port> explicit_ports{};   // as taken in turn
  std::vector<bool> explicit_usable{};  // not held by somebody else, and not a repetition

  std::uint64_t destinations() const { return targets.size(); }
  bool names_ports() const { return !explicit_ports.empty(); }
  bool names_sources() const {
    return !workload->sources.empty() && !std::holds_alternative<PlainConnect>(workload->bind);
  }
  bool shares_named_ports() const;  // SO_REUSEADDR: one port towards several destinations
  // The local address of a connection; of a group's first host. The wildcard where it has none.
  IpAddress local_address(std::uint64_t source, std::uint64_t destination) const;
  // What a connection from this source meets: a loopback address leads nowhere else.
  Target target(std::uint64_t source, std::uint64_t destination) const;

  std::vector<IpAddress> chosen_sources{};  // by destination: what routing chooses, where the workload names none
  std::vector<bool> loopback_leaves{};      // by destination: may a named source be a loopback address?
};

// How the ends of connections lie on one host, or in one process.
enum class Ends : std::uint8_t {
  one,    // each connection has one end here, all on the same side of the flow
  both,   // each connection has both ends here: it counts twice
  mixed,  // some this way, some that: a flow cannot say it exactly
};

struct ClientPlan {
  ClientPlan(const Scenario& scenario, const Wiring& wiring);

  std::vector<PlannedWorkload> workloads{};
  std::map<std::string, std::vector<std::size_t>> of_host{};  // host group -> positions in `workloads`
  std::map<const HostGroup*, Ends> host_ends{};
  std::map<const Process*, Ends> process_ends{};
  std::vector<std::string> notes{};

  Ends ends_of(const HostGroup& host) const;
  Ends ends_of(const Process& process) const;
  // The ports of a pool, worked out once for each. Requires: a pool of a planned workload.
  const Interval& pool_size(const HostGroup& host, const PoolKind& kind, const Endpoint& to) const;
  // Ports of a host's range that workloads with another bind style, asking for this many connections, can take away
  // from the pools of this one: who is first decides, so it is anything up to that.
  std::uint64_t taken_by_others(std::size_t workload, const std::vector<std::uint64_t>& connections) const;

 private:
  static void plan_ways(PlannedWorkload& planned, const Wiring& wiring);
  void find_ends(const Wiring& wiring, const Scenario& scenario);
  void note_interference();

  using PoolName = std::tuple<const HostGroup*, PoolKind, std::optional<Endpoint>>;
  static PoolName pool_name(const HostGroup& host, const PoolKind& kind, const Endpoint& to);

  std::map<PoolName, Interval> ports_{};
};

}  // namespace netlimits::analysis
