// Which network namespaces and real processes stand for the hosts and processes of a scenario.
//
// A host has a network namespace of its own, and a process instance is a real process, with two exceptions that leave
// every law as it is:
//  - Many like client hosts share one namespace, where each host is a source address of its own. The pool of automatic
//    ports, which port may be shared and the errors are per source address and destination, so nothing of one host is
//    felt by another as long as none of them binds a port, listens, or has a namespace-wide count that could fill up.
//    Such hosts' programs also share a few real processes where no descriptor limit can be met.
//  - A process whose descriptor limit cannot be met, because even all its connections at once stay below, may need more
//    descriptors than a process can have here. Then several real processes stand for it: as a client one goes on where
//    the one before stopped, as a server they accept from the same listeners.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::live {

struct NamespacePlan {
  const HostGroup* group = nullptr;
  std::uint64_t first_instance = 0;
  std::uint64_t instances = 1;
  std::size_t wire = 0;  // hosts with the same number reach each other
};

struct ListenerPlan {
  const Listener* listener = nullptr;
  std::size_t where = 0;               // the namespace
  bool opened_by_leader = false;       // shared by several real processes: opened before they are forked
  bool immediate = false;              // accepted as soon as queued, by a program of ours
  std::uint32_t uid = 0;               // whose it is
  std::vector<std::size_t> workloads;  // by index in the scenario: those whose connections can come here
};

struct ProcessPlan {
  std::size_t where = 0;    // the namespace
  std::size_t process = 0;  // index in the group
  std::uint64_t process_instance = 0;
  std::uint64_t first_instance = 0;  // the hosts whose programs it runs
  std::uint64_t instances = 1;
  std::uint64_t part = 0;  // of `parts` real processes that stand for one
  std::uint64_t parts = 1;
  std::uint64_t nofile = 0;            // the real process's limit
  bool limit_is_real = true;           // it is the scenario's: refusals at it count
  std::vector<std::size_t> listeners;  // of RunPlan::listeners
  std::vector<std::size_t> workloads;  // those it is the client of
  std::string user_program;            // the command of a program that plays it; empty: ours does
};

struct RunPlan {
  std::vector<const Workload*> workloads;  // by name
  std::vector<NamespacePlan> namespaces;
  std::size_t wires = 1;
  std::vector<ListenerPlan> listeners;
  std::vector<ProcessPlan> processes;
  std::vector<std::string> remarks;  // what stands for what, for the user
};

// Commands of programs that play a process, by "host/process".
using UserProgramCommands = std::map<std::string, std::string>;

// `hard_limit`: the highest descriptor limit of a process here. The error says why the scenario does not fit.
// The plan points into the scenario.
tl::expected<RunPlan, std::string> plan_run(const Scenario& scenario, std::uint64_t hard_limit,
                                            const UserProgramCommands& user_programs = {});
bool has_user_programs(const RunPlan& plan);

// The most connections of the workload that can be open at one moment: all of them, or what its rate and hold time let
// gather (one more for the instant of change).
std::uint64_t most_open(const Workload& workload);

// Namespaces of the hosts behind a destination that the workload's client can reach.
std::vector<std::size_t> hosts_behind(const RunPlan& plan, const Wiring& wiring, std::size_t workload,
                                      const Endpoint& destination);

}  // namespace netlimits::live
