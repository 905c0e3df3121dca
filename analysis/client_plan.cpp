// From each workload: its process, its pools and their sizes, its named ports, where both ends lie on one host; last,
// which workloads of a host take ports from each other.
#include "analysis/client_plan.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "model/ports/bind_conflict.hpp"
#include "model/scenario/arrival_law.hpp"
#include "model/scenario/bound_socket.hpp"
#include "model/scenario/workload_shape.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits::analysis {
namespace {

// When the last connection of a host's workloads begins. One that may be repeated, or whose time is drawn: never.
Duration last_arrival_at(const Scenario& scenario, const std::string& host) {
  Duration last{};
  for (const auto& [name, workload] : scenario.workloads) {
    if (workload.from_host != host || workload.connections == 0) continue;
    const bool repeats = workload.retry.attempts > 0 || workload.retry.reconnect;
    const auto at = last_arrival_by_law(workload);
    if (repeats || !at) return Duration::max();
    last = std::max(last, at->time_since_epoch());
  }
  return last;
}

// Which of a workload's named ports are of use at one source: those that no listener and nothing outside the scenario
// has on an overlapping address, and each of them once.
std::vector<Usable> usable_at(const HostGroup& host, const std::vector<IpAddress>& bound_to,
                              const std::vector<Port>& ports, Duration horizon) {
  std::vector<Usable> of_use;
  std::vector<PortSet> taken;
  std::vector<PortSet> taken_for_good;
  for (const IpAddress& address : bound_to) {
    taken.push_back(ports_taken_at(host, address));
    taken_for_good.push_back(ports_taken_at(host, address, horizon));
  }
  std::set<Port> met;
  for (const Port port : ports) {
    const auto in = [&](const PortSet& set) { return set.contains(port.value); };
    if (!met.insert(port).second) {
      of_use.push_back(Usable::repeated);
    } else if (std::all_of(taken_for_good.begin(), taken_for_good.end(), in)) {
      of_use.push_back(Usable::no);
    } else {
      of_use.push_back(std::any_of(taken.begin(), taken.end(), in) ? Usable::perhaps : Usable::yes);
    }
  }
  return of_use;
}

// By source; a workload that names none binds to the wildcard of the family that it wants.
std::vector<std::vector<Usable>> usable(const HostGroup& host, const Workload& workload, const std::vector<Port>& ports,
                                        Duration horizon) {
  std::vector<std::vector<Usable>> by_source;
  if (ports.empty()) return by_source;
  for (const IpAddress& source : workload.sources) by_source.push_back(usable_at(host, {source}, ports, horizon));
  if (!by_source.empty()) return by_source;
  std::vector<IpAddress> wildcards;
  for (const Family family : {Family::inet, Family::inet6}) {
    const bool used = std::any_of(workload.to.begin(), workload.to.end(),
                                  [&](const Endpoint& to) { return to.address.family() == family; });
    if (used) wildcards.push_back(IpAddress::any(family));
  }
  by_source.push_back(usable_at(host, wildcards, ports, horizon));
  return by_source;
}

}  // namespace

bool PlannedWorkload::shares_named_ports() const {
  const auto* named = std::get_if<BindExplicit>(&workload->bind);
  return named != nullptr && named->reuse_address;
}

Interval PlannedWorkload::usable_named(std::uint64_t source, std::uint64_t count) const {
  const std::vector<Usable>& usable = explicit_usable[source];
  const auto end = usable.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(count, usable.size()));
  const auto sure = static_cast<std::uint64_t>(std::count(usable.begin(), end, Usable::yes));
  return {sure, sure + static_cast<std::uint64_t>(std::count(usable.begin(), end, Usable::perhaps))};
}

std::uint64_t PlannedWorkload::different_named(std::uint64_t source, std::uint64_t count) const {
  const std::vector<Usable>& usable = explicit_usable[source];
  const auto named = static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(count, usable.size()));
  return static_cast<std::uint64_t>(named - std::count(usable.begin(), usable.begin() + named, Usable::repeated));
}

bool PlannedWorkload::meets_a_holder_first(std::uint64_t source, std::uint64_t count) const {
  const std::vector<Usable>& usable = explicit_usable[source];
  const auto end = usable.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(count, usable.size()));
  const auto first = std::find_if(usable.begin(), end, [](Usable one) { return one != Usable::yes; });
  return first != end && *first != Usable::repeated;
}

IpAddress PlannedWorkload::local_address(std::uint64_t source, std::uint64_t destination) const {
  return names_sources() ? workload->sources[source] : chosen_sources[destination];
}

bool PlannedWorkload::has_no_source(std::uint64_t source, std::uint64_t destination) const {
  return !names_ports() && !names_sources() && local_address(source, destination).is_wildcard();
}

IpAddress PlannedWorkload::bound_address(const IpAddress& local) const {
  if (names_sources()) return local;
  const IpAddress any4 = IpAddress::any(Family::inet);
  const IpAddress any6 = IpAddress::any(Family::inet6);
  const bool shared = bind_addresses_overlap(bound_socket(host->settings, any4), bound_socket(host->settings, any6),
                                             host->profile->rules);
  return shared || local.family() == Family::inet6 ? any6 : any4;
}

Target PlannedWorkload::target(std::uint64_t source, std::uint64_t destination) const {
  const bool stays = names_sources() && workload->sources[source].is_loopback();
  return stays && !loopback_leaves[destination] ? Target{} : targets[destination];
}

ClientPlan::ClientPlan(const Scenario& scenario, const Wiring& wiring) : tables(scenario, wiring) {
  std::map<std::string, Duration> horizons;  // by host: when its last connection begins
  for (const auto& [name, workload] : scenario.workloads) {
    PlannedWorkload planned;
    planned.index = workloads.size();
    planned.workload = &workload;
    planned.host = &scenario.hosts.at(workload.from_host);
    planned.process = process_named(*planned.host, workload.from_process);
    planned.programs = planned.host->count * planned.process->count;
    planned.sources = std::max<std::uint64_t>(1, workload.sources.size());
    plan_ways(planned, wiring);
    planned.explicit_ports = named_ports(workload.bind);
    const auto [known, is_first] = horizons.try_emplace(workload.from_host);
    if (is_first) known->second = last_arrival_at(scenario, workload.from_host);
    const Duration horizon = known->second;
    planned.explicit_usable = usable(*planned.host, workload, planned.explicit_ports, horizon);
    of_host[workload.from_host].push_back(workloads.size());
    for (std::uint64_t source = 0; source < planned.sources; ++source) {
      for (std::uint64_t destination = 0; destination < planned.destinations(); ++destination) {
        const auto kind =
            pool_kind(planned.host->profile->rules, workload.bind, planned.local_address(source, destination));
        if (!kind) continue;
        const PoolName pool = pool_name(*planned.host, *kind, workload.to[destination]);
        if (ports_.contains(pool)) continue;
        Interval ports = automatic_ports(*planned.host, *kind, std::get<2>(pool));
        ports.max = std::max(ports.max, automatic_ports(*planned.host, *kind, std::get<2>(pool), horizon).max);
        ports_.emplace(pool, ports);
      }
    }
    workloads.push_back(std::move(planned));
  }
  find_ends(wiring, scenario);
  widen_where_hosts_differ();
  find_joint_ports(horizons);
  note_interference();
  find_destinations_alike(scenario, wiring);
}

// For each destination: what lies there, and with which address connections go there.
void ClientPlan::plan_ways(PlannedWorkload& planned, const Wiring& wiring) {
  const Workload& workload = *planned.workload;
  const SourceChoice choice(*planned.host, 0);
  for (const Endpoint& to : workload.to) {
    planned.targets.push_back(wiring.of(workload.from_host, to));
    const auto chosen = choice.towards(to.address);
    if (!chosen) planned.targets.back() = {};
    planned.chosen_sources.push_back(chosen.value_or(IpAddress::any(to.address.family())));
    const IpAddress loopback = IpAddress::loopback(to.address.family());
    planned.loopback_leaves.push_back(choice.from(loopback, to.address).has_value());
  }
}

// A pool is the same towards every destination unless connections to some of them are there already.
ClientPlan::PoolName ClientPlan::pool_name(const HostGroup& host, const PoolKind& kind, const Endpoint& to) {
  const bool by_destination = kind.sharing == PortSharing::four_tuple && !host.held_connections.empty();
  return {&host, kind, by_destination ? std::optional(to) : std::nullopt};
}

const Interval& ClientPlan::pool_size(const HostGroup& host, const PoolKind& kind, const Endpoint& to) const {
  return ports_.at(pool_name(host, kind, to));
}

// Same style, same pool: no loss.
std::uint64_t ClientPlan::taken_by_others(std::size_t mine, const std::vector<std::uint64_t>& connections) const {
  const HostGroup& host = *workloads[mine].host;
  return pools_meet(host) || named_are_in_the_way(host) ? taken_where_styles_differ(mine, connections) : 0;
}

std::uint64_t ClientPlan::taken_where_styles_differ(std::size_t mine,
                                                    const std::vector<std::uint64_t>& connections) const {
  const PlannedWorkload& one = workloads[mine];
  const auto my_kind = pool_kind(one.host->profile->rules, one.workload->bind, IpAddress{});
  const auto names = [&](Port port) {
    return std::find(one.explicit_ports.begin(), one.explicit_ports.end(), port) != one.explicit_ports.end();
  };
  std::uint64_t taken = 0;
  for (const std::size_t theirs : of_host.at(one.workload->from_host)) {
    const PlannedWorkload& other = workloads[theirs];
    if (!my_kind) {  // named ports: who else names one of them, or draws from a range that has one
      const PortRange& range = one.host->settings.local_port_range;
      const bool meet = other.names_ports()
                            ? std::any_of(other.explicit_ports.begin(), other.explicit_ports.end(), names)
                            : std::any_of(one.explicit_ports.begin(), one.explicit_ports.end(),
                                          [&](Port port) { return range.contains(port); });
      if (theirs == mine || !meet) continue;
      taken += (connections[theirs] + other.host->count - 1) / other.host->count;
      continue;
    }
    const auto their_kind = pool_kind(other.host->profile->rules, other.workload->bind, IpAddress{});
    if (my_kind == their_kind) continue;
    const std::uint64_t of_each_host = (connections[theirs] + other.host->count - 1) / other.host->count;
    taken += their_kind ? of_each_host : std::min<std::uint64_t>(of_each_host, other.explicit_ports.size());
  }
  return taken;
}

// The one host of a group that is itself the destination goes there from that very address, where the others use one of
// theirs: with several addresses its connections are spread over the pools in another way than theirs.
void ClientPlan::widen_where_hosts_differ() {
  for (auto& [name, ports] : ports_) {
    const auto& [host, kind, to] = name;
    const auto blocks = static_cast<std::uint64_t>(host->addresses.size());
    if (kind.sharing != PortSharing::local_addr_port || host->count == 1 || named_instances(*host).empty()) continue;
    ports = {ports.min / std::max<std::uint64_t>(1, blocks), ports.max * std::max<std::uint64_t>(1, blocks)};
  }
}

void ClientPlan::note_interference() {
  for (const auto& [host, members] : of_host) {
    const std::vector<std::uint64_t> one_each(workloads.size(), 1);
    const auto style = [&](std::size_t member) {
      return pool_kind(workloads[member].host->profile->rules, workloads[member].workload->bind, IpAddress{});
    };
    const bool one_style =
        std::all_of(members.begin(), members.end(),
                    [&, first = style(members.front())](std::size_t one) { return first && style(one) == first; });
    const bool mixed = !one_style && std::any_of(members.begin(), members.end(), [&](std::size_t mine) {
      return taken_where_styles_differ(mine, one_each) > 0;
    });
    const bool all_automatic =
        std::none_of(members.begin(), members.end(), [&](std::size_t mine) { return workloads[mine].names_ports(); });
    if (mixed) (all_automatic ? meeting_ : crossed_).insert(workloads[members.front()].host);
    if (mixed) {
      notes.push_back("workloads on " + host +
                      " bind in different ways and can take ports from each other: their pools are given as intervals");
    }
  }
}

}  // namespace netlimits::analysis
