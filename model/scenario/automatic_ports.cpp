// The pools of automatic ports of a scenario's hosts.
#include "model/scenario/automatic_ports.hpp"

#include "model/ports/bind_conflict.hpp"
#include "model/scenario/bound_socket.hpp"
#include "model/scenario/time_wait_takeover.hpp"

#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits {
namespace {

class Asker {
 public:
  Asker(const Settings& settings, const HostGroup& group, const PoolKind& kind)
      : settings_(settings),
        rules_(group.profile->rules),
        kind_(kind),
        newcomer_(kind.by_bind ? bound_socket(settings, kind.source) : connected_socket(kind.source)) {}

  bool kept_out_by_bound(const IpAddress& holder) const {
    if (kind_.sharing == PortSharing::host_port) return true;
    if (!kind_.by_bind && rules_.has(Rule::connect_skips_bind_bound)) return true;
    return bind_addresses_overlap(newcomer_, bound_socket(settings_, holder), rules_);
  }

  bool kept_out_by_connected(const IpAddress& holder) const {
    return kind_.sharing == PortSharing::host_port ||
           bind_addresses_overlap(newcomer_, connected_socket(holder), rules_);
  }

 private:
  const Settings& settings_;
  const Rules& rules_;
  const PoolKind& kind_;
  SocketRecord newcomer_;
};

bool is_there(const HeldConnections& held, Duration after) {
  return held.state == HeldConnectionState::open || after == Duration{} || held.ends_after > after;
}

bool same_endpoint(const Endpoint& a, const Endpoint& b) {
  return a.port == b.port && a.address.unmapped() == b.address.unmapped();
}

}  // namespace

std::optional<PoolKind> pool_kind(const Rules& rules, const BindStyle& style, const IpAddress& source) {
  if (std::holds_alternative<BindExplicit>(style)) return std::nullopt;
  const bool by_bind = std::holds_alternative<BindAddress>(style) ||
                       (std::holds_alternative<BindAddressNoPort>(style) && !rules.has(Rule::option_bind_no_port));
  PoolKind kind{.sharing = by_bind ? rules.bound_sharing : rules.connect_sharing, .by_bind = by_bind, .source = source};
  if (kind.sharing == PortSharing::host_port) {
    kind.source = IpAddress{};
    kind.by_bind = false;  // one pool for both
  }
  return kind;
}

PortSet withheld_ports(const Settings& settings, const HostGroup& group, const PoolKind& kind, Duration after) {
  const Asker asker(settings, group, kind);
  PortSet withheld;
  withheld.insert(0);
  for (const PortRange& reserved : settings.reserved_ports) withheld.insert(reserved);
  for (const PortRange& never : group.profile->never_automatic) withheld.insert(never);
  for (const HeldPorts& held : group.held_ports)
    if (asker.kept_out_by_bound(held.address)) withheld.insert(held.ports);
  for (const Process& process : group.processes)
    for (const Listener& listener : process.listeners)
      if (asker.kept_out_by_bound(listener.endpoint.address)) withheld.insert(listener.endpoint.port.value);
  for (const HeldConnections& held : group.held_connections) {
    if (!is_there(held, after) || kind.sharing == PortSharing::four_tuple || !asker.kept_out_by_connected(held.from))
      continue;
    for (const PortRange& ports : held.ports) withheld.insert(ports);
  }
  return withheld;
}

PortSet withheld_ports(const Settings& settings, const HostGroup& group, const PoolKind& kind,
                       const Endpoint& destination, Duration after) {
  PortSet withheld = withheld_ports(settings, group, kind, after);
  if (kind.sharing != PortSharing::four_tuple) return withheld;
  for (const HeldConnections& held : group.held_connections) {
    const bool same = held.from == kind.source.unmapped() && same_endpoint(held.to, destination);
    if (!same || !is_there(held, after) || may_be_taken_over(settings, group.profile->rules, held, after)) continue;
    for (const PortRange& ports : held.ports) withheld.insert(ports);
  }
  return withheld;
}

PortCount automatic_port_count(const Settings& settings, const HostGroup& group, const PoolKind& kind) {
  return withheld_ports(settings, group, kind).count_outside(settings.local_port_range);
}

PortCount automatic_port_count(const Settings& settings, const HostGroup& group, const PoolKind& kind,
                               const Endpoint& destination) {
  return withheld_ports(settings, group, kind, destination).count_outside(settings.local_port_range);
}

PortCount automatic_port_count(const Settings& settings, const HostGroup& group) {
  return automatic_port_count(settings, group, PoolKind{});
}

PortSet ports_taken_at(const HostGroup& host, const IpAddress& address, Duration after) {
  const Rules& rules = host.profile->rules;
  const SocketRecord newcomer = bound_socket(host.settings, address);
  const auto in_the_way = [&](const SocketRecord& owner) { return bind_addresses_overlap(newcomer, owner, rules); };
  PortSet taken;
  for (const Process& process : host.processes)
    for (const Listener& listener : process.listeners)
      if (in_the_way(bound_socket(host.settings, listener.endpoint.address)))
        taken.insert(listener.endpoint.port.value);
  for (const HeldPorts& held : host.held_ports)
    if (in_the_way(bound_socket(host.settings, held.address))) taken.insert(held.ports);
  for (const HeldConnections& held : host.held_connections) {
    if (!is_there(held, after) || !in_the_way(connected_socket(held.from))) continue;
    for (const PortRange& ports : held.ports) taken.insert(ports);
  }
  return taken;
}

}  // namespace netlimits
