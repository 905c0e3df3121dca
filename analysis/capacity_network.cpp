// Builder lays the edges of one network, one class of like client hosts after another. Below it: the plan that all
// questions about one scenario share, and how a solved network becomes an answer.
#include "analysis/capacity_network.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>

#include "analysis/client_plan.hpp"
#include "analysis/demand.hpp"
#include "analysis/labelled_network.hpp"
#include "analysis/open_files.hpp"
#include "analysis/port_pool.hpp"
#include "analysis/server_side.hpp"
#include "model/scenario/places.hpp"
#include "model/scenario/time_wait_takeover.hpp"

namespace netlimits::analysis {
namespace {

using Node = FlowNetwork::Node;

constexpr std::uint64_t port_field = 65535;  // ports a connection can have: 1 to 65535

// The client side, leading over to the server side.
class Builder {
 public:
  Builder(const ClientPlan& plan, const Wiring& wiring, const NetworkQuestion& question,
          const std::vector<std::uint64_t>* arrivals)
      : plan_(plan), question_(question), network_(question), servers_(network_, plan, wiring, arrivals) {
    for (const auto& [host, members] : plan.of_host) add_host_group(members);
  }

  LabelledNetwork::Solved solve() const { return network_.solve(); }
  bool left_to_chance() const { return network_.left_to_chance(); }
  bool loosened() const { return loosened_; }

 private:
  struct Flow {  // connections that are alike: from one kind of program, from one source, to one destination
    const PlannedWorkload* workload;
    Node program;
    std::uint64_t source;
    std::uint64_t destination;
    std::uint64_t each_host;  // connections of one host
    std::uint64_t each;       // of one program: names ports up to this one
    std::uint64_t turns;      // of one program's source, over all destinations
  };
  struct HostClass {
    const HostGroup* host;
    std::uint64_t id;
    std::uint64_t first;
    std::uint64_t count;
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
    for (const Alike& alike_hosts : alike(host.count, modulus, borders)) {
      HostClass of{&host, next_class_++, alike_hosts.first, alike_hosts.count, network_.add_node()};
      const Place place = host_place(host);
      if (bounds_files(host)) {
        network_.add_limit(
            FlowNetwork::source, of.node,
            times(shared_by_ends(free_files(host), plan_.ends_of(host), question_.accept_queues), of.count),
            Limit::fd_per_host, place);
      } else {
        network_.add(FlowNetwork::source, of.node);
      }
      add_host_class(of, members);
    }
  }

  // The least common multiple, or `most` when it is no smaller.
  static std::uint64_t joint_period(std::uint64_t a, std::uint64_t b, std::uint64_t most) {
    const std::uint64_t factor = b / std::gcd(a, b);
    return a >= most || factor > most / a ? std::max<std::uint64_t>(most, 1) : a * factor;
  }

  void add_host_class(const HostClass& of, const std::vector<std::size_t>& members) {
    std::map<const Process*, std::vector<std::size_t>> by_process;
    std::vector<const Process*> order;  // as configured, not as the addresses of objects fall
    for (const std::size_t index : members) {
      const Process* process = plan_.workloads[index].process;
      if (by_process[process].empty()) order.push_back(process);
      by_process[process].push_back(index);
    }
    std::vector<Flow> flows;
    std::vector<std::pair<Node, Interval>> programs;  // nodes, and what their descriptors let through
    std::vector<const Process*> program_of;
    for (const Process* process : order) add_programs(of, *process, by_process[process], flows, programs, program_of);
    connect(of, flows, programs, program_of);
  }

  void add_programs(const HostClass& of, const Process& process, const std::vector<std::size_t>& members,
                    std::vector<Flow>& flows, std::vector<std::pair<Node, Interval>>& programs,
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
      const Interval free = shared_by_ends(free_descriptors(process), plan_.ends_of(process), question_.accept_queues);
      programs.emplace_back(node, times(free, instances.count * of.count));
      program_of.push_back(&process);
      for (std::size_t m = 0; m < members.size(); ++m) {
        const PlannedWorkload& workload = plan_.workloads[members[m]];
        const std::uint64_t rounds =
            question_.connections[members[m]] / workload.programs + (instances.first < borders[m] ? 1 : 0);
        const std::uint64_t offset = (instances.first * hosts + of.first) % workload.destinations();
        add_flows(workload, rounds, offset, instances.count, node, flows);
      }
    }
  }

  static void add_flows(const PlannedWorkload& workload, std::uint64_t rounds, std::uint64_t offset,
                        std::uint64_t instances, Node node, std::vector<Flow>& flows) {
    const std::uint64_t destinations = workload.destinations();
    for (std::uint64_t source = 0; source < std::min(workload.sources, rounds); ++source) {
      const std::uint64_t turns = (rounds - source - 1) / workload.sources + 1;
      for (std::uint64_t step = 0; step < std::min(destinations, turns); ++step) {
        const std::uint64_t destination = (offset + step) % destinations;
        const std::uint64_t each = share_of(rounds, workload.sources, destinations, offset, source, destination);
        flows.push_back({&workload, node, source, destination, each * instances, each, turns});
      }
    }
  }

  // A pool that spans destinations: automatic ports by address or by host, or named ports that cannot be shared.
  struct WidePool {
    PoolKind kind{};
    std::optional<std::size_t> named_by{};  // the workload whose named ports they are
    auto operator<=>(const WidePool&) const = default;
  };
  struct WidePoolUse {
    Interval ports{};
    Limit limit{};
    Place place{};
    std::set<Node> programs{};
    Node in = 0;
    Node out = 0;
  };

  std::optional<WidePool> wide_pool_of(const Flow& flow) const {
    const PlannedWorkload& workload = *flow.workload;
    const IpAddress local = workload.local_address(flow.source, flow.destination);
    if (workload.names_ports()) {
      if (workload.shares_named_ports()) return std::nullopt;
      return WidePool{{PortSharing::local_addr_port, true, local}, workload.index};
    }
    const auto kind = pool_kind(workload.host->profile->rules, workload.workload->bind, local);
    if (!kind || kind->sharing == PortSharing::four_tuple) return std::nullopt;
    return WidePool{*kind, std::nullopt};
  }

  static std::uint64_t usable_named(const PlannedWorkload& workload, std::uint64_t first) {
    const auto end = workload.explicit_usable.begin() +
                     static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(first, workload.explicit_usable.size()));
    return static_cast<std::uint64_t>(std::count(workload.explicit_usable.begin(), end, true));
  }

  Interval automatic(const PlannedWorkload& workload, const PoolKind& kind, const Endpoint& to) const {
    Interval ports = plan_.pool_size(*workload.host, kind, to);
    const std::uint64_t taken = plan_.taken_by_others(workload.index, question_.connections);
    ports.min = ports.min > taken ? ports.min - taken : 0;
    return ports;
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
      use.place = port_pool_place(*of.host, key->kind.sharing, local, workload.workload->to[flow.destination]);
      if (key->named_by) {
        use.limit = Limit::port_in_use;
        // The port changes after each walk round the destinations: the second use of one is already refused.
        const std::uint64_t named = (flow.turns - 1) / workload.destinations() + 1;
        use.ports.max = std::max(use.ports.max, usable_named(workload, named));
        use.ports.min = use.ports.max;
      } else {
        use.limit = Limit::ephemeral_ports;
        use.ports = automatic(workload, key->kind, workload.workload->to[flow.destination]);
      }
    }
    return pools;
  }

  void connect(const HostClass& of, const std::vector<Flow>& flows,
               const std::vector<std::pair<Node, Interval>>& programs, const std::vector<const Process*>& program_of) {
    std::map<WidePool, WidePoolUse> pools = wide_pools(of, flows);
    const bool all_in_one = pools.size() == 1 && std::all_of(flows.begin(), flows.end(), [&](const Flow& flow) {
                              return wide_pool_of(flow).has_value();
                            });
    Node above_programs = of.node;
    for (auto& [key, use] : pools) {
      use.in = network_.add_node();
      if (all_in_one && use.programs.size() > 1) {  // one pool for the whole host: it comes before its programs
        network_.add_limit(of.node, use.in, times(use.ports, of.count), use.limit, use.place);
        above_programs = use.in;
      } else if (use.programs.size() == 1) {  // one program's own pool: it comes after the program
        network_.add_limit(*use.programs.begin(), use.in, times(use.ports, of.count), use.limit, use.place);
        use.out = use.in;
      } else {  // shared across: between the programs and the destinations
        loosened_ = true;
        use.out = network_.add_node();
        network_.add_limit(use.in, use.out, times(use.ports, of.count), use.limit, use.place);
      }
    }
    for (std::size_t i = 0; i < programs.size(); ++i) {
      if (of.host->profile->rules.descriptors_bind) {
        network_.add_limit(above_programs, programs[i].first, programs[i].second, Limit::fd_per_process,
                           process_place(*of.host, *program_of[i]));
      } else {
        network_.add(above_programs, programs[i].first);
      }
    }
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

  void add_flow(const HostClass& of, const Flow& flow, std::map<WidePool, WidePoolUse>& pools) {
    const std::uint64_t asked = flow.each_host * of.count;
    const auto key = wide_pool_of(flow);
    if (!key) {
      network_.add(flow.program, narrow_pool(of, flow), asked);
      return;
    }
    WidePoolUse& use = pools.at(*key);
    const Node tuple = four_tuples(of, flow);
    if (use.out == 0) {
      network_.add(flow.program, tuple, asked);  // the pool lies above
    } else if (use.out == use.in) {
      network_.add(use.out, tuple, asked);
    } else {
      network_.add(flow.program, use.in, asked);
      network_.add(use.out, tuple, asked);
    }
  }

  using NarrowKey = std::tuple<IpAddress, Endpoint, std::optional<std::size_t>>;
  static NarrowKey narrow_key(const Flow& flow) {
    const PlannedWorkload& workload = *flow.workload;
    return {workload.local_address(flow.source, flow.destination), workload.workload->to[flow.destination],
            workload.names_ports() ? std::optional(workload.index) : std::nullopt};
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
      const Interval ports = Interval::exactly(usable_named(workload, longest_list_.at(key)));
      network_.add_limit(pool, four_tuples(of, flow), times(ports, of.count), Limit::four_tuple, place);
      return pool;
    }
    const auto kind = pool_kind(workload.host->profile->rules, workload.workload->bind, local);
    network_.add_limit(pool, four_tuples(of, flow), times(automatic(workload, *kind, to), of.count),
                       Limit::ephemeral_ports, place);
    return pool;
  }

  // Four-tuples that connections from before the scenario have for good.
  static std::uint64_t held_tuples(const HostGroup& host, const IpAddress& local, const Endpoint& to) {
    std::uint64_t held = 0;
    for (const HeldConnections& those : host.held_connections) {
      if (those.from != local.unmapped() || those.to.port != to.port || those.to.address != to.address.unmapped() ||
          may_be_taken_over(host.settings, host.profile->rules, those)) {
        continue;
      }
      for (const PortRange& range : those.ports) held += range.size().value;
    }
    return std::min(held, port_field - 1);
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
    // A listener keeps its own port from clients of its host.
    const bool local_listener = target.reach == Reach::listener && target.host == of.host;
    const std::uint64_t gone = (local_listener ? 1 : 0) + held_tuples(*of.host, local, to);
    network_.add_limit(found->second, carried, times(Interval::exactly(port_field - gone), of.count), Limit::four_tuple,
                       place, true);
    servers_.arrive(carried, target, {of.id, of.count}, place);
    return found->second;
  }

  const ClientPlan& plan_;
  const NetworkQuestion& question_;
  LabelledNetwork network_;
  ServerSide servers_;
  std::map<NarrowKey, Node> narrow_{};                       // of one class of hosts
  std::map<NarrowKey, std::uint64_t> longest_list_{};        // of one class of hosts
  std::map<std::pair<IpAddress, Endpoint>, Node> tuples_{};  // of one class of hosts
  std::uint64_t next_class_ = 0;
  bool loosened_ = false;
};

}  // namespace

struct CapacityNetwork::Plan {
  Plan(const Scenario& scenario, const Wiring& read) : clients(scenario, read), wiring(read) {}
  ClientPlan clients;
  const Wiring& wiring;
};

CapacityNetwork::CapacityNetwork(const Scenario& scenario, const Wiring& wiring)
    : plan_(std::make_unique<const Plan>(scenario, wiring)) {}
CapacityNetwork::~CapacityNetwork() = default;

const std::vector<std::string>& CapacityNetwork::notes() const { return plan_->clients.notes; }

NetworkAnswer CapacityNetwork::ask(const NetworkQuestion& question) const {
  const std::uint64_t asked =
      std::accumulate(question.connections.begin(), question.connections.end(), std::uint64_t{0});
  // First: how many get as far as each balancer, whatever lies behind. A balancer deals out what arrives, so a back end
  // that is full does not send its share to the others.
  const Builder outward(plan_->clients, plan_->wiring, question, nullptr);
  LabelledNetwork::Solved first = outward.solve();
  const Builder whole(plan_->clients, plan_->wiring, question, &first.metered);
  LabelledNetwork::Solved solved = whole.solve();

  NetworkAnswer answer{.held = solved.flow, .left_to_chance = whole.left_to_chance(), .loosened = whole.loosened()};
  if (answer.held >= asked) return answer;
  answer.cut = std::move(solved.cut);
  if (solved.share_in_cut && first.flow < asked) {
    for (CutLimit& cut : first.cut) {
      const bool known = std::any_of(answer.cut.begin(), answer.cut.end(), [&](const CutLimit& other) {
        return other.limit == cut.limit && other.place == cut.place;
      });
      if (!known) answer.cut.push_back(std::move(cut));
    }
  }
  return answer;
}

}  // namespace netlimits::analysis
