// The client side of a scenario, made ready for building flow networks: whose ports and descriptors each workload uses.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "analysis/interval.hpp"
#include "analysis/network_question.hpp"
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

// Whose ends lie there, as positions in `workloads`.
struct EndsHere {
  std::set<std::size_t> out{};    // the client's only
  std::set<std::size_t> in{};     // the server's only
  std::set<std::size_t> local{};  // both
  bool some_wait = false;         // some of those listeners do not accept as connections come
  Ends ends() const {
    if (!local.empty() && out.empty() && in.empty()) return Ends::both;
    return !local.empty() || (!out.empty() && !in.empty()) ? Ends::mixed : Ends::one;
  }
};

struct ClientPlan {
  ClientPlan(const Scenario& scenario, const Wiring& wiring);

  std::vector<PlannedWorkload> workloads{};
  std::map<std::string, std::vector<std::size_t>> of_host{};  // host group -> positions in `workloads`
  std::vector<std::string> notes{};

  Ends ends_of(const HostGroup& host) const;
  Ends ends_of(const Process& process) const;
  // What a resource of which `free` is left lets through: of connections that begin there, and of those that are
  // accepted there. Where it serves some this way and some that, each side is sure of what the other one cannot ask
  // for, and may have it all; NetworkQuestion::part says how a luckier order divides it.
  Interval for_clients(const HostGroup& host, std::uint64_t free, const NetworkQuestion& question) const;
  Interval for_clients(const Process& process, std::uint64_t free, const NetworkQuestion& question) const;
  Interval for_servers(const HostGroup& host, std::uint64_t free, const NetworkQuestion& question) const;
  Interval for_servers(const Process& process, std::uint64_t free, const NetworkQuestion& question) const;
  // What serves some this way and some that and can run short, with how much of it is left.
  std::vector<std::pair<const void*, std::uint64_t>> mixed(const Scenario& scenario) const;
  // The ports of a pool, worked out once for each. Requires: a pool of a planned workload.
  const Interval& pool_size(const HostGroup& host, const PoolKind& kind, const Endpoint& to) const;
  // Ports of a host's range that workloads with another bind style, asking for this many connections, can take away
  // from the pools of this one: who is first decides, so it is anything up to that.
  std::uint64_t taken_by_others(std::size_t workload, const std::vector<std::uint64_t>& connections) const;

 private:
  static void plan_ways(PlannedWorkload& planned, const Wiring& wiring);
  void find_ends(const Wiring& wiring, const Scenario& scenario);
  Interval shared(const void* what, std::uint64_t free, bool clients, const NetworkQuestion& question) const;
  void note_interference();

  using PoolName = std::tuple<const HostGroup*, PoolKind, std::optional<Endpoint>>;
  static PoolName pool_name(const HostGroup& host, const PoolKind& kind, const Endpoint& to);

  std::map<PoolName, Interval> ports_{};
  std::map<const void*, EndsHere> ends_{};  // by host group or process
};

}  // namespace netlimits::analysis
