// The places of a scenario: how its groups, processes, listeners and ways out are named. The three engines mean the
// same place by the same parts, so it is decided here.
#pragma once

#include <optional>

#include "model/net/endpoint.hpp"
#include "model/scenario/place.hpp"
#include "model/scenario/scenario.hpp"
#include "model/systems/rules.hpp"

namespace netlimits {

Place host_place(const HostGroup& group);
Place process_place(const HostGroup& group, const Process& process);
Place listener_place(const HostGroup& group, const Process& process, const Endpoint& endpoint);
Place listener_place(const HostGroup& group, const Endpoint& endpoint);  // of a process that is not known

// One connection's way out. Hosts of a group share it, each with a source of its own.
Place outbound_place(const HostGroup& group, const IpAddress& source, const Endpoint& destination);
// A pool of automatic ports, by what shares it: per four-tuple that is outbound_place().
Place port_pool_place(const HostGroup& group, PortSharing sharing, const IpAddress& source,
                      const Endpoint& destination);

Place balancer_place(const Balancer& balancer);
Place back_end_place(const Balancer& balancer, const Endpoint& back_end);
// The ports of a gateway that connections of the group's hosts to the destination come from.
PlacedLimit gateway_limit(const Gateway& gateway, const HostGroup& group, const Endpoint& destination);
PlacedLimit gateway_limit(const Gateway& gateway, const HostPlace& hosts, const Endpoint& destination);
// The table of tracked connections that each host of the group has, or that a gateway has.
PlacedLimit conntrack_limit(const HostGroup& group);
PlacedLimit conntrack_limit(const Gateway& gateway);

// Where a call of a client program meets `limit`: its process, its host, its pool of ports, or its way out.
Place client_place(const HostGroup& group, const Process& process, const BindStyle& style, Limit limit,
                   const IpAddress& source, const Endpoint& destination);

// Which pool a connection with this bind style draws from; nothing for an explicit port.
std::optional<PortSharing> port_sharing_of(const Rules& rules, const BindStyle& style);

}  // namespace netlimits
