// Which ports an automatic choice may give, nothing else being in use, and how many that are: a pool of ports.
//
// Withheld are the ports in net.ipv4.ip_local_reserved_ports (Linux skips them), those the system never gives
// (profile), and those that a listener of the host or something outside the scenario holds by bind(), where the choice
// looks: on Linux a port with any bind-bound owner is withheld from connect(), on every address
// (net/ipv4/inet_hashtables.c,
// __inet_hash_connect); from bind(), where the addresses overlap (model/ports/bind_conflict.hpp).
//
// What a walk over the range misses (model/ports/port_walk.hpp: of an odd size, one port) is not looked at here.
#pragma once

#include <compare>
#include <optional>

#include "model/net/port_set.hpp"
#include "model/net/time.hpp"
#include "model/scenario/scenario.hpp"
#include "model/systems/rules.hpp"

namespace netlimits {

// Who chooses the port, and who else it must not belong to.
struct PoolKind {
  PortSharing sharing{};
  bool by_bind = false;  // bind(address, 0); else connect()
  IpAddress source{};    // the local address, where the sharing class looks at it

  auto operator<=>(const PoolKind&) const = default;
};

// The pool that a bind style draws from on this system. Nothing: the program names its ports.
std::optional<PoolKind> pool_kind(const Rules& rules, const BindStyle& style, const IpAddress& source);

// Below, `after`: of the connections that a host has at the beginning, those that are there when so much time has
// passed.

// `settings`: the host's now, which an event may have changed.
PortSet withheld_ports(const Settings& settings, const HostGroup& group, const PoolKind& kind, Duration after = {});

// The same, and what the connections take that the host has at the beginning (HostGroup::held_connections) towards
// `destination`: per four-tuple only those of the same two, less those that connect() may take over on the spot.
PortSet withheld_ports(const Settings& settings, const HostGroup& group, const PoolKind& kind,
                       const Endpoint& destination, Duration after = {});

// Ports of the range that are not withheld.
PortCount automatic_port_count(const Settings& settings, const HostGroup& group, const PoolKind& kind);
PortCount automatic_port_count(const Settings& settings, const HostGroup& group, const PoolKind& kind,
                               const Endpoint& destination);

// The size of a pool that connect() draws from, towards a destination that nobody is connected to.
PortCount automatic_port_count(const Settings& settings, const HostGroup& group);

// The ports that no socket can be bound to by number at this address (a wildcard is allowed), since a listener or
// something outside the scenario has them. Clients and what is outside are taken to have no option that excuses it.
PortSet ports_taken_at(const HostGroup& host, const IpAddress& address, Duration after = {});

}  // namespace netlimits
