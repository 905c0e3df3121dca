// What turns let through, where they tell; else what is left when everybody else comes first.
#include "analysis/client_flows.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "analysis/client_turns.hpp"
#include "analysis/open_files.hpp"
#include "analysis/server_nodes.hpp"
#include "model/scenario/places.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits::analysis {
namespace {

// By program, in the numbering of turns.hpp.
std::uint64_t through(const LetThrough& let, const Flow& flow) {
  std::uint64_t sum = 0;
  for (std::uint64_t n = 0; n < flow.instances.count; ++n) {
    const std::uint64_t program = flow.instances.first + n * flow.step;
    sum +=
        let.kinds[(program * flow.workload->sources + flow.source) * flow.workload->destinations() + flow.destination];
  }
  return sum;
}

std::optional<PoolKind> kind_of(const Flow& flow) {
  return pool_kind(flow.workload->host->profile->rules, flow.workload->workload->bind,
                   flow.workload->local_address(flow.source, flow.destination));
}

// What all flows of a host class want of each thing that they share.
struct Wanted {
  std::uint64_t files = 0;
  std::map<FlowNetwork::Node, std::uint64_t> by_program{};
  std::map<PoolKind, std::uint64_t> by_pool{};
  std::map<std::pair<PoolKind, Endpoint>, std::uint64_t> by_pool_and_destination{};

  explicit Wanted(const std::vector<Flow>& flows) {
    for (const Flow& flow : flows) {
      const std::uint64_t to_all = flow.each_host * flow.ways;
      files += to_all;
      by_program[flow.program] += to_all;
      const auto kind = kind_of(flow);
      if (!kind) continue;
      by_pool[*kind] += to_all;
      by_pool_and_destination[{*kind, flow.workload->workload->to[flow.destination]}] += flow.each_host;
    }
  }
};

// Whoever else of the host comes first.
std::uint64_t guaranteed(const AdmissionQuestion& asked, const HostsAlike& of, const Wanted& wanted, const Flow& flow) {
  const auto kind = kind_of(flow);
  if (!kind) return 0;  // named ports: a turn that meets one in use is lost
  std::uint64_t least = flow.each_host;
  const auto share = [&](std::uint64_t room, std::uint64_t wanted_in_all) {
    least = std::min(least, room - std::min(room, wanted_in_all - flow.each_host));
  };
  const auto binds = [&](Limit limit, const Place& place) { return !asked.question.lifted.contains({limit, place}); };
  const Process& process = *flow.workload->process;
  if (of.host->profile->rules.has(Rule::descriptors_process) &&
      binds(Limit::fd_per_process, process_place(*of.host, process))) {
    const Interval free = asked.plan.for_clients(process, free_descriptors(process), asked.question);
    share(free.min * flow.instances.count, wanted.by_program.at(flow.program));
  }
  if (bounds_files(*of.host) && binds(Limit::fd_per_host, host_place(*of.host))) {
    const Interval free = asked.plan.for_clients(*of.host, free_files(*of.host), asked.question);
    share(free.min, wanted.files);
  }
  const Endpoint& to = flow.workload->workload->to[flow.destination];
  const IpAddress local = flow.workload->local_address(flow.source, flow.destination);
  if (!binds(Limit::ephemeral_ports, port_pool_place(*of.host, kind->sharing, local, to))) return least;
  share(ports_left(asked.plan, asked.question, *flow.workload, *kind, to).min,
        kind->sharing == PortSharing::four_tuple ? wanted.by_pool_and_destination.at({*kind, to})
                                                 : wanted.by_pool.at(*kind));
  return least;
}

}  // namespace

NarrowKey narrow_key(const Flow& flow) {
  const PlannedWorkload& workload = *flow.workload;
  return {workload.local_address(flow.source, flow.destination), workload.workload->to[flow.destination],
          workload.names_ports() ? std::optional(workload.index) : std::nullopt};
}

Interval ports_left(const ClientPlan& plan, const NetworkQuestion& question, const PlannedWorkload& workload,
                    const PoolKind& kind, const Endpoint& to) {
  Interval ports = plan.pool_size(*workload.host, kind, to);
  const std::uint64_t taken = plan.taken_by_others(workload.index, question.connections);
  ports.min = ports.min > taken ? ports.min - taken : 0;
  return ports;
}

Admitted admit(const AdmissionQuestion& asked, const HostsAlike& of, std::vector<Flow>& flows) {
  Admitted admitted;
  std::map<std::size_t, std::optional<LetThrough>> known;  // by workload
  std::map<NarrowKey, FlowNetwork::Node> program_of_pool;
  // Of all that is asked for, before anything is let through.
  const std::optional<Wanted> wanted = asked.guaranteed ? std::optional<Wanted>(flows) : std::nullopt;
  for (Flow& flow : flows) {
    const auto [found, is_new] = known.try_emplace(flow.workload->index);
    if (is_new) found->second = let_through(asked.plan, asked.wiring, *flow.workload, of.first, asked.question);
    if (found->second) {
      admitted.certain = admitted.certain && found->second->certain;
      flow.each_host = std::min(flow.each_host, through(*found->second, flow));
      continue;
    }
    admitted.order_is_open = true;
    const auto [pool, is_first] = program_of_pool.try_emplace(narrow_key(flow), flow.program);
    if (!is_first && pool->second != flow.program) admitted.programs_cross = true;
    if (wanted) flow.each_host = guaranteed(asked, of, *wanted, flow);
  }
  return admitted;
}

}  // namespace netlimits::analysis
