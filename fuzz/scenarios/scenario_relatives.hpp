// Relatives of a scenario: the same in other words, or with a little more room. Nothing where a relation says nothing
// of the scenario.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "model/scenario/scenario.hpp"

namespace netlimits::fuzz {

// How the figures of a relative stand to those of the scenario.
enum class Bond : std::uint8_t {
  none,
  same,                 // every figure
  same_but_for_chance,  // every figure; what is drawn is drawn anew
  same_in_sum,          // over all workloads and hosts; what is drawn is drawn anew
  not_fewer,            // connections that both ends have
};

struct Relative {
  Scenario scenario{};
  Bond of_run = Bond::none;
  Bond of_claim = Bond::none;
  // The name of one of its figures (result_figures.hpp) as the scenario calls it; nothing: the scenario has no such
  // figure. Without a function: the same names.
  std::function<std::string(const std::string&)> rename{};
};

// ---- other names (scenario_renaming.cpp)
// In another order than before, as well. Chance is drawn anew, because a stream of it has the name of the host.
std::optional<Relative> with_hosts_renamed(const Scenario& scenario);
std::optional<Relative> with_balancers_renamed(const Scenario& scenario);
std::optional<Relative> with_processes_renamed(const Scenario& scenario);
// In the same order: of connections that begin at one instant those of the first workload by name come first. What a
// workload draws has its name.
std::optional<Relative> with_workloads_renamed(const Scenario& scenario);

// ---- nothing that matters (unchanged_meaning.cpp)
std::optional<Relative> with_unused_host(const Scenario& scenario);
std::optional<Relative> with_paths_turned(const Scenario& scenario);
// Where nothing is drawn the run is the same. The claim always is.
std::optional<Relative> with_another_seed(const Scenario& scenario);

// ---- hosts one by one (group_split.cpp)
// A group of n like hosts as n hosts that have the addresses of its members, and each workload from it as n workloads.
// The claim is the same as far as it is a figure; an interval may be wider where the order of more workloads is open.
// The run is the same in sum where one workload at a constant rate is all there is: it gives away connection by
// connection who comes when. Connections that come all at once come host by host once the group is split (and meet a
// balancer's turns otherwise), those of a drawn rate are drawn for each host, and several workloads that meet at one
// instant go in the order of their names. Nothing is said of the claim where connections come at a rate and end: as
// many count as a workload has open together, and two workloads have their most at different moments. Left out:
// programs of several processes with several destinations, where the number of the program among all of the group says
// where it begins; a path from a group to itself, which is the way between its hosts and to oneself.
std::optional<Relative> with_groups_split(const Scenario& scenario);

// ---- the other family (ipv6_mirror.cpp)
// A scenario without any IPv6 address, with an IPv6 address of the same shape for each: a.b.c.d is 2001:db8:4::x where
// x has its 32 bits, and a subnet is as many addresses wide. What is drawn is drawn anew: listeners that share a port
// are chosen by a hash over the addresses.
// Left out: connections from hosts that have several addresses. Of those IPv4 takes the one whose subnet the
// destination is in, else the first; IPv6 takes the one with the longest common prefix (RFC 6724, rule 8).
std::optional<Relative> mirrored_to_ipv6(const Scenario& scenario);

// ---- more room (more_room.cpp)
// Two more ports in a small range (an odd size stays odd: connect() and bind() prefer ports of one parity each), one
// more descriptor of a process, one more place in a queue. What both ends can have at most is never less.
// The run holds no fewer either where it is plain and one workload is all there is. Of several, one that gets further
// may take what two others would have had: a descriptor of its own program, and one of the server's. Where moments
// decide who gets in (full queues on the way to programs with room, paced accepts) one more of anything moves them. So
// it is where connections with several ways to go wait in vain on some of them (scenario_laws.hpp, some_wait_in_vain).
std::optional<Relative> with_more_ports(const Scenario& scenario);
std::optional<Relative> with_one_more_descriptor(const Scenario& scenario);
std::optional<Relative> with_one_more_place(const Scenario& scenario);

}  // namespace netlimits::fuzz
