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

#include "analysis/alike/destination_classes.hpp"
#include "analysis/interval.hpp"
#include "analysis/network_question.hpp"
#include "analysis/pools/conntrack_room.hpp"
#include "analysis/port_pool.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

// Can a named port be bound? Perhaps: what has it may be gone by then, or is in the way of one family only. Repeated:
// the list named it before.
enum class Usable : std::uint8_t { no, perhaps, yes, repeated };

constexpr std::uint16_t port_field = 65535;  // ports a connection can have: 1 to 65535

struct PlannedWorkload {
  std::size_t index = 0;  // in the order of the names
  const Workload* workload = nullptr;
  const HostGroup* host = nullptr;
  const Process* process = nullptr;
  std::uint64_t programs = 1;
  std::uint64_t sources = 1;
  std::vector<Target> targets{};       // by destination; no route: the host has no source address for it
  std::vector<Port> explicit_ports{};  // as taken in turn
  std::vector<std::vector<Usable>> explicit_usable{};  // by source: held by nobody else, and not a repetition

  std::uint64_t destinations() const { return targets.size(); }
  bool names_ports() const { return !explicit_ports.empty(); }
  bool names_sources() const {
    return !workload->sources.empty() && !std::holds_alternative<PlainConnect>(workload->bind);
  }
  // Those of the first `count` named ports that are of use at this source.
  Interval usable_named(std::uint64_t source, std::uint64_t count) const;
  // ... and how many different ones they are, whoever has them.
  std::uint64_t different_named(std::uint64_t source, std::uint64_t count) const;
  // Does one of them meet its holder before one comes a second time?
  bool meets_a_holder_first(std::uint64_t source, std::uint64_t count) const;
  bool shares_named_ports() const;  // SO_REUSEADDR: one port towards several destinations
  // The local address of a connection; of a group's first host. The wildcard where it has none.
  IpAddress local_address(std::uint64_t source, std::uint64_t destination) const;
  // No address of the host can go there, and it names none: connect() says so before it asks for a port
  // (net/ipv4/tcp_ipv4.c, tcp_v4_connect: the route comes before inet_hash_connect).
  bool has_no_source(std::uint64_t source, std::uint64_t destination) const;
  // Where a named port is in nobody else's way: at the source, or, for a workload that names none, at the wildcard of
  // the family, which both families share unless IPv6 sockets keep to IPv6.
  IpAddress bound_address(const IpAddress& local) const;
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
  // How many of a workload's destinations lead to each host of the group. Nothing: some are chosen on the way.
  using ByInstance = std::optional<std::map<std::uint64_t, std::uint64_t>>;

  std::uint64_t instances = 1;             // there are so many of such hosts, or processes
  std::set<std::size_t> out{};             // the client's only
  std::map<std::size_t, ByInstance> in{};  // the server's only
  std::set<std::size_t> local{};           // both
  bool some_wait = false;                  // some of those listeners do not accept as connections come
  bool apart = false;  // time passes between the two ends of some: the next may begin before one is accepted
  Ends ends() const {
    if (!local.empty() && out.empty() && in.empty()) return Ends::both;
    return !local.empty() || (!out.empty() && !in.empty()) ? Ends::mixed : Ends::one;
  }
};

// Descriptors or files that connections share which begin there, and which are accepted there.
struct Divided {
  const void* what = nullptr;  // the process or host group
  std::uint64_t free = 0;
  bool alone = false;  // of one instance: of several nobody knows whose ends lie on which
  PlacedLimit limit{};
};

// What several pools of one host share.
struct JointPorts {
  std::uint64_t different = 0;  // ports of them all, at any time until the last connection begins
  Limit limit{};                // what their users meet
};

struct ClientPlan {
  ClientPlan(const Scenario& scenario, const Wiring& wiring);

  std::vector<PlannedWorkload> workloads{};
  std::map<std::string, std::vector<std::size_t>> of_host{};  // host group -> positions in `workloads`
  std::vector<std::string> notes{};
  TrackedPlaces tables;

  Ends ends_of(const HostGroup& host) const;
  Ends ends_of(const Process& process) const;
  // What a resource of which `free` is left lets through: of connections that begin there, and of those that are
  // accepted there. Where it serves some this way and some that, each side is sure of what the other one cannot ask
  // for, and may have it all; NetworkQuestion::part says how a luckier order divides it.
  Interval for_clients(const HostGroup& host, std::uint64_t free, const NetworkQuestion& question) const;
  Interval for_clients(const Process& process, std::uint64_t free, const NetworkQuestion& question) const;
  Interval for_servers(const HostGroup& host, std::uint64_t free, const NetworkQuestion& question) const;
  Interval for_servers(const Process& process, std::uint64_t free, const NetworkQuestion& question) const;
  // A process runs out of descriptors before it asks the host for a file: where the clients of a host have no more of
  // them than that, the file table does not bind.
  bool descriptors_run_out_first(const HostGroup& host, const NetworkQuestion& question) const;
  // The listeners that connections come to, and that accept some, which share the descriptors of a process or the file
  // table of a host group.
  const std::set<const Listener*>& accepting(const Process& process) const { return accepting(&process); }
  const std::set<const Listener*>& accepting(const HostGroup& host) const { return accepting(&host); }
  // Hosts of a group that connections from elsewhere go to by an address of theirs.
  const std::set<std::uint64_t>& named_instances(const HostGroup& host) const;
  // The client hosts of a balancer, by group.
  const std::set<const HostGroup*>& clients_of(const Balancer& balancer) const;
  // What serves some this way and some that and can run short, in the order of the hosts' addresses: where not all of
  // it is looked at, no name decides which.
  std::vector<Divided> mixed(const Scenario& scenario) const;
  // The part of those that begin there when all others come first, and when they do.
  std::pair<std::uint64_t, std::uint64_t> extreme_parts(const Divided& of, const NetworkQuestion& question) const;
  // The ports of a pool, worked out once for each. Requires: a pool of a planned workload.
  const Interval& pool_size(const HostGroup& host, const PoolKind& kind, const Endpoint& to) const;
  // Nothing: each destination of the host is looked at by itself, as there are few of them, or as they are not simple.
  const DestinationClasses* destinations_alike(const HostGroup& host) const;
  // From now on each is. The answers are the same.
  void tell_destinations_apart() { alike_.clear(); }
  // Of all pools that connections come from which go from one address to one destination. Nothing: it is one pool.
  const JointPorts* joint_ports(const HostGroup& host, const IpAddress& local, const Endpoint& to) const;
  bool pools_meet() const { return !meeting_.empty(); }
  // Do all workloads of the host draw automatic ports, from pools that take them from each other?
  bool pools_meet(const HostGroup& host) const { return meeting_.contains(&host); }
  // Ports that some name are in the way of others that do, or of those who take what is free.
  bool named_are_in_the_way(const HostGroup& host) const { return crossed_.contains(&host); }
  // Ports of a host's range that workloads with another bind style, asking for this many connections, can take away
  // from the pools of this one: who is first decides, so it is anything up to that.
  std::uint64_t taken_by_others(std::size_t workload, const std::vector<std::uint64_t>& connections) const;

 private:
  static void plan_ways(PlannedWorkload& planned, const Wiring& wiring);
  void find_ends(const Wiring& wiring, const Scenario& scenario);
  std::uint64_t most_begun(const EndsHere& ends, const std::set<std::size_t>& those,
                           const NetworkQuestion& question) const;
  std::uint64_t most_accepted(const EndsHere& ends, const NetworkQuestion& question) const;
  Interval shared(const void* what, std::uint64_t free, bool clients, const NetworkQuestion& question) const;
  void find_joint_ports(const std::map<std::string, Duration>& horizons);
  std::uint64_t taken_where_styles_differ(std::size_t mine, const std::vector<std::uint64_t>& connections) const;
  void note_interference();
  void widen_where_hosts_differ();
  void find_destinations_alike(const Scenario& scenario, const Wiring& wiring);
  const std::set<const Listener*>& accepting(const void* what) const;

  using PoolName = std::tuple<const HostGroup*, PoolKind, std::optional<Endpoint>>;
  static PoolName pool_name(const HostGroup& host, const PoolKind& kind, const Endpoint& to);

  std::map<PoolName, Interval> ports_{};
  std::map<std::tuple<const HostGroup*, IpAddress, Endpoint>, JointPorts> joint_{};
  std::set<const HostGroup*> meeting_{};
  std::set<const HostGroup*> crossed_{};
  std::map<const void*, EndsHere> ends_{};                        // by host group or process
  std::map<const void*, std::set<const Listener*>> accepting_{};  // by host group or process
  std::map<const HostGroup*, std::set<std::uint64_t>> named_instances_{};
  std::map<const Balancer*, std::set<const HostGroup*>> clients_of_{};
  std::map<const HostGroup*, DestinationClasses> alike_{};
};

}  // namespace netlimits::analysis
