// NetworkBuilder lays the edges of one network: a class of like client hosts after another, with their pools and flows.
#include "analysis/client_side.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "analysis/alike/alike_flows.hpp"
#include "analysis/client_flows.hpp"
#include "analysis/demand.hpp"
#include "analysis/labelled_network.hpp"
#include "analysis/open_files.hpp"
#include "analysis/pools/tracked_sources.hpp"
#include "analysis/pools/wide_pool.hpp"
#include "analysis/port_pool.hpp"
#include "model/scenario/places.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits::analysis {
namespace {

using Node = FlowNetwork::Node;

// The client side, leading over to the server side.
class NetworkBuilder {
 public:
  NetworkBuilder(const ClientPlan& plan, const Wiring& wiring, const NetworkQuestion& question, Admission admission,
                 const Onward& onward)
      : plan_(plan),
        wiring_(wiring),
        question_(question),
        admission_(admission),
        network_(question),
        tables_(network_, plan, admission != Admission::all),
        servers_(network_, plan, wiring, onward) {
    for (const auto& [host, members] : plan.of_host) add_host_group(members);
  }

  LabelledNetwork::Solved solve(Naming naming) const { return network_.solve(naming); }
  bool depends_on_draws() const { return network_.depends_on_draws(); }
  bool loosened() const { return loosened_; }
  // Some connections come in an order that nobody knows.
  bool order_is_open() const { return order_is_open_; }
  // ... and several programs draw from one pool, so that the order decides how many there are in all.
  bool programs_cross() const { return programs_cross_; }

 private:
  struct HostClass : HostsAlike {
    std::uint64_t id;
    Node node;
  };

  void add_host_group(const std::vector<std::size_t>& members) {
    const HostGroup& host = *plan_.workloads[members.front()].host;
    std::uint64_t modulus = 1;
    std::vector<std::uint64_t> borders;
    for (const std::size_t index : members) {
      const PlannedWorkload& workload = plan_.workloads[index];
      modulus = joint_period(modulus, workload.destinations(), host.count);
      borders.push_back(question_.connections[index] % workload.programs % host.count);
    }
    // One that others come to by its address is a class of its own, whose loopback leads to the same server.
    for (const std::uint64_t instance : plan_.named_instances(host)) {
      borders.push_back(instance);
      borders.push_back(instance + 1);
    }
    for (const Alike& alike_hosts : alike(host.count, modulus, borders)) {
      const HostClass of{{&host, alike_hosts.first, alike_hosts.count}, next_class_++, network_.add_node()};
      const Place place = host_place(host);
      const Node source = tables_.source_of(host);
      const Node files = tables_.before(host, of.node, of.count);
      if (bounds_files(host) && !plan_.descriptors_run_out_first(host, question_)) {
        add_limit(source, files, times(plan_.for_clients(host, free_files(host), question_), of.count),
                  Limit::fd_per_host, place);
      } else {
        network_.add(source, files);
      }
      add_host_class(of, members);
    }
  }

  void add_host_class(const HostClass& of, const std::vector<std::size_t>& members) {
    std::map<const Process*, std::vector<std::size_t>> by_process;
    std::vector<const Process*> order;  // as configured, not as the addresses of objects fall
    for (const std::size_t index : members) {
      const Process* process = plan_.workloads[index].process;
      if (by_process[process].empty()) order.push_back(process);
      by_process[process].push_back(index);
    }
    std::vector<SourceTurns> turns;
    std::vector<std::pair<Node, Interval>> programs;  // nodes, and what their descriptors let through
    std::vector<const Process*> program_of;
    for (const Process* process : order) add_programs(of, *process, by_process[process], turns, programs, program_of);
    std::vector<Flow> flows = flows_of(turns, plan_.destinations_alike(*of.host), question_.lifted, ends_alike_);
    if (admission_ != Admission::all) {
      const Admitted admitted = admit({plan_, wiring_, question_, admission_ == Admission::guaranteed}, of, flows);
      if (!admitted.certain) network_.note_draw();
      order_is_open_ = order_is_open_ || admitted.order_is_open;
      programs_cross_ = programs_cross_ || (admitted.programs_cross && !together(*of.host));
    }
    connect(of, flows, programs, program_of);
  }

  void add_programs(const HostClass& of, const Process& process, const std::vector<std::size_t>& members,
                    std::vector<SourceTurns>& turns, std::vector<std::pair<Node, Interval>>& programs,
                    std::vector<const Process*>& program_of) {
    const std::uint64_t hosts = of.host->count;
    std::uint64_t modulus = 1;
    std::vector<std::uint64_t> borders;  // instances below it make one connection more
    for (const std::size_t index : members) {
      const PlannedWorkload& workload = plan_.workloads[index];
      modulus = joint_period(modulus, workload.destinations(), process.count);
      const std::uint64_t extra = question_.connections[index] % workload.programs;
      borders.push_back(extra / hosts + (of.first < extra % hosts ? 1 : 0));
    }
    for (const Alike& instances : alike(process.count, modulus, borders)) {
      const Node node = network_.add_node();
      const Interval free = plan_.for_clients(process, free_descriptors(process), question_);
      programs.emplace_back(node, times(free, instances.count * of.count));
      program_of.push_back(&process);
      for (std::size_t m = 0; m < members.size(); ++m) {
        const PlannedWorkload& workload = plan_.workloads[members[m]];
        const std::uint64_t rounds =
            question_.connections[members[m]] / workload.programs + (instances.first < borders[m] ? 1 : 0);
        const std::uint64_t offset = (instances.first * hosts + of.first) % workload.destinations();
        for (std::uint64_t source = 0; source < std::min(workload.sources, rounds); ++source)
          turns.push_back(
              {&workload, node, source, (rounds - source - 1) / workload.sources + 1, offset, instances, modulus});
      }
    }
  }

  void add_limit(Node from, Node to, const Interval& capacity, Limit limit, const Place& place, bool final = false,
                 PlacesAlike alike = nullptr) {
    if (admission_ == Admission::all) return network_.add(from, to);
    network_.add_limit(from, to, capacity, limit, place, final, alike);
  }

  Interval less_what_others_take(const PlannedWorkload& workload, const Interval& named) const {
    return {named.min - std::min(named.min, plan_.taken_by_others(workload.index, question_.connections)), named.max};
  }

  std::map<WidePool, WidePoolUse> wide_pools(const HostClass& of, const std::vector<Flow>& flows) const {
    std::map<WidePool, WidePoolUse> pools;
    for (const Flow& flow : flows) {
      const auto key = wide_pool_of(flow);
      if (!key) continue;
      WidePoolUse& use = pools[*key];
      use.programs.insert(flow.program);
      const PlannedWorkload& workload = *flow.workload;
      const IpAddress local = workload.local_address(flow.source, flow.destination);
      // A program that names its ports is told of the one way that it wanted, where it goes but one.
      const bool of_one_way = key->named_by && workload.destinations() == 1;
      use.place = port_pool_place(*of.host, of_one_way ? PortSharing::four_tuple : key->kind.sharing, local,
                                  workload.workload->to[flow.destination]);
      if (key->named_by) {
        use.limit = Limit::port_in_use;
        // The port changes after each walk round the destinations: the second use of one is already refused.
        const std::uint64_t named = (flow.turns - 1) / workload.destinations() + 1;
        const Interval usable = workload.usable_named(flow.source, named);
        use.named = {std::max(use.named.min, usable.min), std::max(use.named.max, usable.max)};
        use.ports = less_what_others_take(workload, use.named);
      } else {
        use.limit = Limit::ephemeral_ports;
        use.ports = ports_left(plan_, question_, workload, key->kind, workload.workload->to[flow.destination]);
      }
    }
    return pools;
  }

  void connect(const HostClass& of, const std::vector<Flow>& flows,
               const std::vector<std::pair<Node, Interval>>& programs, const std::vector<const Process*>& program_of) {
    if (together(*of.host)) return connect_together(of, flows, programs, program_of);
    std::map<WidePool, WidePoolUse> pools = wide_pools(of, flows);
    const bool all_in_one = pools.size() == 1 && std::all_of(flows.begin(), flows.end(), [&](const Flow& flow) {
                              return wide_pool_of(flow).has_value();
                            });
    Node above_programs = of.node;
    for (auto& [key, use] : pools) {
      use.in = network_.add_node();
      if (all_in_one && use.programs.size() > 1) {  // one pool for the whole host: it comes before its programs
        const Interval ports = times(use.ports, of.count);
        if (descriptors_run_out_first(of, ports, programs, program_of)) {
          network_.add(of.node, use.in);
        } else {
          add_limit(of.node, use.in, ports, use.limit, use.place);
        }
        above_programs = use.in;
      } else if (use.programs.size() == 1) {  // one program's own pool: it comes after the program
        add_limit(*use.programs.begin(), use.in, times(use.ports, of.count), use.limit, use.place);
        use.out = use.in;
      } else {  // shared across: between the programs and the destinations
        loosened_ = true;
        use.out = network_.add_node();
        add_limit(use.in, use.out, times(use.ports, of.count), use.limit, use.place);
      }
    }
    add_descriptors(of, above_programs, programs, program_of);
    for (const Flow& flow : flows) {
      // Every program names the same ports in turn: what one has, the others are refused, and the longest list counts.
      std::uint64_t& longest = longest_list_[narrow_key(flow)];
      longest = std::max(longest, flow.each);
    }
    for (const Flow& flow : flows) add_flow(of, flow, pools);
    longest_list_.clear();
    narrow_.clear();
    tuples_.clear();
  }

  // Whoever finds no port is one of so many that no program has a descriptor left: socket() comes before the port.
  bool descriptors_run_out_first(const HostClass& of, const Interval& ports,
                                 const std::vector<std::pair<Node, Interval>>& programs,
                                 const std::vector<const Process*>& program_of) const {
    if (!of.host->profile->rules.has(Rule::descriptors_process)) return false;
    std::uint64_t most = 0;
    for (std::size_t i = 0; i < programs.size(); ++i) {
      if (question_.lifted.contains({Limit::fd_per_process, process_place(*of.host, *program_of[i])})) return false;
      most = std::min(ports.min + 1, most + std::min(ports.min + 1, programs[i].second.max));
    }
    return most <= ports.min;
  }

  void add_descriptors(const HostClass& of, Node above, const std::vector<std::pair<Node, Interval>>& programs,
                       const std::vector<const Process*>& program_of) {
    for (std::size_t i = 0; i < programs.size(); ++i) {
      if (of.host->profile->rules.has(Rule::descriptors_process)) {
        add_limit(above, programs[i].first, programs[i].second, Limit::fd_per_process,
                  process_place(*of.host, *program_of[i]));
      } else {
        network_.add(above, programs[i].first);
      }
    }
  }

  bool together(const HostGroup& host) const { return question_.pools_together && plan_.pools_meet(host); }

  // A connection that finds no port finds each one of its pool used by another connection of the host: whoever is
  // refused and whoever came first, there are as many then as the smallest pool has ports.
  void connect_together(const HostClass& of, const std::vector<Flow>& flows,
                        const std::vector<std::pair<Node, Interval>>& programs,
                        const std::vector<const Process*>& program_of) {
    std::optional<std::uint64_t> smallest;
    std::map<PlacedLimit, CutLimit> pools;
    for (const Flow& flow : flows) {
      const PlannedWorkload& workload = *flow.workload;
      const IpAddress local = workload.local_address(flow.source, flow.destination);
      const Endpoint& to = workload.workload->to[flow.destination];
      const PoolKind kind = pool_kind(of.host->profile->rules, workload.workload->bind, local).value();
      const std::uint64_t ports = plan_.pool_size(*of.host, kind, to).min;
      smallest = std::min(smallest.value_or(ports), ports);
      const Place place = port_pool_place(*of.host, kind.sharing, local, to);
      pools.try_emplace(
          {Limit::ephemeral_ports, place},
          CutLimit{Limit::ephemeral_ports, place, times(ports_left(plan_, question_, workload, kind, to), of.count)});
    }
    const Node above = network_.add_node();
    std::vector<CutLimit> limits;
    for (const auto& [placed, pool] : pools) limits.push_back(pool);
    if (smallest && admission_ != Admission::all) {
      network_.add_joint_limit(of.node, above, times(Interval::exactly(*smallest), of.count).min, limits);
    } else {
      network_.add(of.node, above);
    }
    add_descriptors(of, above, programs, program_of);
    for (const Flow& flow : flows)
      add_asked(flow, flow.program, four_tuples(of, flow), flow.each_host * flow.ways * of.count);
    tuples_.clear();
  }

  void add_flow(const HostClass& of, const Flow& flow, std::map<WidePool, WidePoolUse>& pools) {
    const std::uint64_t asked = flow.each_host * flow.ways * of.count;
    const PlannedWorkload& workload = *flow.workload;
    if (workload.has_no_source(flow.source, flow.destination)) {
      const Node outside = network_.add_node();
      add_asked(flow, flow.program, outside, asked);
      const IpAddress local = workload.local_address(flow.source, flow.destination);
      const Place place = outbound_place(*of.host, local, workload.workload->to[flow.destination]);
      return servers_.arrive(outside, Target{}, {of.id, of.count, of.first}, place, flow.ends);
    }
    const auto key = wide_pool_of(flow);
    if (!key) {
      add_asked(flow, flow.program, narrow_pool(of, flow), asked);
      return;
    }
    WidePoolUse& use = pools.at(*key);
    const Node tuple = four_tuples(of, flow);
    if (use.out == 0) {
      add_asked(flow, flow.program, tuple, asked);  // the pool lies above
    } else if (use.out == use.in) {
      add_asked(flow, use.out, tuple, asked);
    } else {
      add_asked(flow, flow.program, use.in, asked);
      add_asked(flow, use.out, tuple, asked);
    }
  }

  void add_asked(const Flow& flow, Node from, Node to, std::uint64_t asked) {
    if (flow.each_host < flow.each * flow.instances.count) return network_.add_admitted(from, to, asked);
    network_.add(from, to, asked);
  }

  // Ports towards one destination: automatic ones shared per four-tuple, or named ones that are shared.
  Node narrow_pool(const HostClass& of, const Flow& flow) {
    const PlannedWorkload& workload = *flow.workload;
    const IpAddress local = workload.local_address(flow.source, flow.destination);
    const Endpoint& to = workload.workload->to[flow.destination];
    const NarrowKey key = narrow_key(flow);
    const auto [found, is_new] = narrow_.try_emplace(key, 0);
    if (!is_new) return found->second;
    const Node pool = found->second = network_.add_node();
    const Place place = outbound_place(*of.host, local, to);
    if (workload.names_ports()) {
      add_named_ports(of, flow, longest_list_.at(key), pool, place);
      return pool;
    }
    const auto kind = pool_kind(workload.host->profile->rules, workload.workload->bind, local);
    add_limit(pool, four_tuples(of, flow), times(ports_left(plan_, question_, workload, *kind, to), of.count),
              Limit::ephemeral_ports, place, false, flow.ways_out());
    return pool;
  }

  // bind() refuses a port that somebody holds, connect() one that goes there already: what comes first in the list.
  void add_named_ports(const HostClass& of, const Flow& flow, std::uint64_t count, Node pool, const Place& place) {
    const PlannedWorkload& workload = *flow.workload;
    const Interval usable = less_what_others_take(workload, workload.usable_named(flow.source, count));
    const Node tuples = four_tuples(of, flow);
    if (!workload.meets_a_holder_first(flow.source, count))
      return add_limit(pool, tuples, times(usable, of.count), Limit::four_tuple, place, false, flow.ways_out());
    const Node bound = network_.add_node();
    const std::uint64_t different = workload.different_named(flow.source, count);
    add_limit(pool, bound, times(usable, of.count), Limit::port_in_use, place, false, flow.ways_out());
    add_limit(bound, tuples, times(less_what_others_take(workload, Interval::exactly(different)), of.count),
              Limit::four_tuple, place, false, flow.ways_out());
  }

  // The port field itself, and then the destination.
  Node four_tuples(const HostClass& of, const Flow& flow) {
    const PlannedWorkload& workload = *flow.workload;
    const IpAddress local = workload.local_address(flow.source, flow.destination);
    const Endpoint& to = workload.workload->to[flow.destination];
    const auto [found, is_new] = tuples_.try_emplace({local, to}, 0);
    if (!is_new) return found->second;
    found->second = network_.add_node();
    const Target target = workload.target(flow.source, flow.destination);
    const Place place = outbound_place(*of.host, local, to);
    const Node carried = network_.add_node();
    Node in = found->second;
    if (const JointPorts* joint = plan_.joint_ports(*of.host, local, to)) {
      in = network_.add_node();
      add_limit(found->second, in, times(Interval::exactly(joint->different), of.count), joint->limit, place);
    }
    // A listener keeps its own port from clients of its host.
    const bool local_listener = target.reach == Reach::listener && target.host == of.host;
    const std::uint64_t held = std::min<std::uint64_t>(held_tuples(*of.host, local, to), port_field - 1);
    const std::uint64_t gone = (local_listener ? 1 : 0) + held;
    add_limit(in, carried, times(Interval::exactly(port_field - gone), of.count), Limit::four_tuple, place, true,
              flow.ways_out());
    servers_.arrive(carried, target, {of.id, of.count, of.first}, place, flow.ends);
    return found->second;
  }

  const ClientPlan& plan_;
  const Wiring& wiring_;
  const NetworkQuestion& question_;
  Admission admission_;
  LabelledNetwork network_;
  TrackedSources tables_;
  ServerNodes servers_;
  std::deque<EndsAlike> ends_alike_{};
  std::map<NarrowKey, Node> narrow_{};                       // of one class of hosts
  std::map<NarrowKey, std::uint64_t> longest_list_{};        // of one class of hosts
  std::map<std::pair<IpAddress, Endpoint>, Node> tuples_{};  // of one class of hosts
  std::uint64_t next_class_ = 0;
  bool loosened_ = false;
  bool order_is_open_ = false;
  bool programs_cross_ = false;
};

}  // namespace

NetworkFlow solve_network(const ClientPlan& plan, const Wiring& wiring, const NetworkQuestion& question,
                          Admission admission, const Onward& onward, Naming naming) {
  const NetworkBuilder network(plan, wiring, question, admission, onward);
  return {network.solve(naming), network.depends_on_draws(), network.loosened(), network.order_is_open(),
          network.programs_cross()};
}

}  // namespace netlimits::analysis
