// Places made of what a scenario says.
#include "model/scenario/places.hpp"

#include <algorithm>

#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits {
namespace {

HostPlace hosts_of(const HostGroup& group) { return {Name(group.name), group.count}; }

}  // namespace

Place host_place(const HostGroup& group) { return {hosts_of(group)}; }

Place process_place(const HostGroup& group, const Process& process) {
  return {ProcessPlace{hosts_of(group), Name(process.name)}};
}

Place listener_place(const HostGroup& group, const Process& process, const Endpoint& endpoint) {
  return {ListenerPlace{hosts_of(group), Name(process.name), endpoint}};
}

Place listener_place(const HostGroup& group, const Endpoint& endpoint) {
  return {ListenerPlace{.on = hosts_of(group), .endpoint = endpoint}};
}

Place outbound_place(const HostGroup& group, const IpAddress& source, const Endpoint& destination) {
  return port_pool_place(group, PortSharing::four_tuple, source, destination);
}

Place port_pool_place(const HostGroup& group, PortSharing sharing, const IpAddress& source,
                      const Endpoint& destination) {
  OutboundPlace place{.on = hosts_of(group)};
  if (sharing == PortSharing::four_tuple) place.destination = destination;
  if (group.count == 1) {
    if (sharing == PortSharing::host_port) {
      place.source = All{};
    } else {
      place.source = source;
    }
  }
  return {place};
}

Place balancer_place(const Balancer& balancer) { return {BalancerPlace{Name(balancer.name)}}; }

Place back_end_place(const Balancer& balancer, const Endpoint& back_end) {
  return {BackEndPlace{Name(balancer.name), back_end}};
}

PlacedLimit gateway_limit(const Gateway& gateway, const HostGroup& group, const Endpoint& destination) {
  return gateway_limit(gateway, hosts_of(group), destination);
}

PlacedLimit gateway_limit(const Gateway& gateway, const HostPlace& hosts, const Endpoint& destination) {
  GatewayPlace place{.gateway = Name(gateway.name), .destination = destination};
  if (gateway.nat.block != 0) {
    place.ports = hosts;
    return {Limit::nat_block, {place}};
  }
  const auto of_family = [&](const IpAddress& address) { return address.family() == destination.address.family(); };
  const auto first = std::find_if(gateway.addresses.begin(), gateway.addresses.end(), of_family);
  if (first != gateway.addresses.end() && std::none_of(first + 1, gateway.addresses.end(), of_family))
    place.ports = *first;
  return {Limit::nat_ports, {place}};
}

PlacedLimit conntrack_limit(const HostGroup& group) { return {Limit::conntrack_entries, host_place(group)}; }

PlacedLimit conntrack_limit(const Gateway& gateway) {
  return {Limit::conntrack_entries, {GatewayTablePlace{Name(gateway.name)}}};
}

Place client_place(const HostGroup& group, const Process& process, const BindStyle& style, Limit limit,
                   const IpAddress& source, const Endpoint& destination) {
  switch (limit) {
    case Limit::fd_per_process:
      return process_place(group, process);
    case Limit::fd_per_host:
    case Limit::memory:
      return host_place(group);
    case Limit::ephemeral_ports:
      if (const auto sharing = port_sharing_of(group.profile->rules, style))
        return port_pool_place(group, *sharing, source, destination);
      break;
    default:
      break;
  }
  return outbound_place(group, source, destination);
}

std::optional<PortSharing> port_sharing_of(const Rules& rules, const BindStyle& style) {
  if (std::holds_alternative<BindExplicit>(style)) return std::nullopt;
  const bool port_by_connect =
      std::holds_alternative<PlainConnect>(style) ||
      (std::holds_alternative<BindAddressNoPort>(style) && rules.has(Rule::option_bind_no_port));
  return port_by_connect ? rules.connect_sharing : rules.bound_sharing;
}

}  // namespace netlimits
