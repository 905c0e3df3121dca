// The part of the client plan that knows where workloads of one host get ports in different ways and use them from one
// address towards one destination.
//
// Each way of getting a port has a pool of its own, and none of them sees the others' connections. But a port gives one
// four-tuple, whoever got it: all pools together hold no more connections there than there are different ports in them.
#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "analysis/client_plan.hpp"
#include "model/net/port_set.hpp"
#include "model/systems/os_profile.hpp"

namespace netlimits::analysis {
namespace {

// A pool of automatic ports, or the workload whose named ports they are.
using Way = std::pair<std::optional<PoolKind>, std::optional<std::size_t>>;
using Ways = std::set<Way>;

void take_automatic(const HostGroup& host, const PoolKind& kind, const std::optional<Endpoint>& to, Duration after,
                    PortSet& taken) {
  const PortRange range = host.settings.local_port_range;
  const PortSet withheld =
      to ? withheld_ports(host.settings, host, kind, *to, after) : withheld_ports(host.settings, host, kind, after);
  for (std::uint32_t port = range.first.value; port <= range.last.value; ++port) {
    const auto value = static_cast<std::uint16_t>(port);
    if (!withheld.contains(value)) taken.insert(value);
  }
}

JointPorts joint_of(const ClientPlan& plan, const HostGroup& host, const Ways& ways, const std::optional<Endpoint>& to,
                    Duration horizon) {
  PortSet taken;
  JointPorts joint{.different = 0, .limit = Limit::four_tuple};
  for (const auto& [kind, named_by] : ways) {
    if (kind) {
      take_automatic(host, *kind, to, Duration{}, taken);
      take_automatic(host, *kind, to, horizon, taken);
      joint.limit = Limit::ephemeral_ports;
      continue;
    }
    const PlannedWorkload& workload = plan.workloads[*named_by];
    for (const Port port : workload.explicit_ports) taken.insert(port.value);
    if (!workload.shares_named_ports() && joint.limit == Limit::four_tuple) joint.limit = Limit::port_in_use;
  }
  joint.different = port_field - taken.count_outside({Port{1}, Port{port_field}}).value;
  return joint;
}

}  // namespace

void ClientPlan::find_joint_ports(const std::map<std::string, Duration>& horizons) {
  for (const auto& [name, members] : of_host) {
    const HostGroup& host = *workloads[members.front()].host;
    if (members.size() < 2) continue;
    std::map<std::pair<IpAddress, Endpoint>, Ways> ways;
    for (const std::size_t index : members) {
      const PlannedWorkload& workload = workloads[index];
      for (std::uint64_t source = 0; source < workload.sources; ++source) {
        for (std::uint64_t destination = 0; destination < workload.destinations(); ++destination) {
          // One of a group that is itself the destination goes there from another address than the first host would.
          if (host.count > 1 && workload.targets[destination].host == &host) continue;
          const IpAddress local = workload.local_address(source, destination);
          const auto kind = pool_kind(host.profile->rules, workload.workload->bind, local);
          const auto named_by = kind ? std::nullopt : std::optional(index);
          ways[{local, workload.workload->to[destination]}].emplace(kind, named_by);
        }
      }
    }
    std::map<std::pair<Ways, std::optional<Endpoint>>, JointPorts> known;
    for (const auto& [pair, used] : ways) {
      if (used.size() < 2) continue;
      const auto apart = host.held_connections.empty() ? std::nullopt : std::optional(pair.second);
      const auto [found, is_new] = known.try_emplace({used, apart});
      if (is_new) found->second = joint_of(*this, host, used, apart, horizons.at(name));
      joint_.emplace(std::tuple(&host, pair.first, pair.second), found->second);
    }
  }
}

const JointPorts* ClientPlan::joint_ports(const HostGroup& host, const IpAddress& local, const Endpoint& to) const {
  const auto found = joint_.find({&host, local, to});
  return found == joint_.end() ? nullptr : &found->second;
}

}  // namespace netlimits::analysis
