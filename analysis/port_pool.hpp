// How many automatic ports one pool has, in closed form.
#pragma once

#include <compare>
#include <optional>

#include "analysis/interval.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

// Who chooses the port, and who else it must not belong to.
struct PoolKind {
  PortSharing sharing{};
  bool by_bind = false;  // bind(address, 0); else connect()
  IpAddress source{};    // the local address, where the sharing class looks at it

  auto operator<=>(const PoolKind&) const = default;
};

// The pool that a bind style draws from on this system. Nothing: the program names its ports.
std::optional<PoolKind> pool_kind(const Rules& rules, const BindStyle& style, const IpAddress& source);

// The size of the range less what can never be given: reserved ports, ports that the system withholds, and ports that a
// listener of the host or something outside the scenario holds where the sharing class looks (Linux withholds a port
// with any bind-bound owner from connect(), on every address: net/ipv4/inet_hashtables.c, __inet_hash_connect).
//
// Kernels that search one parity first visit one port less than an odd-sized range has (facts measured on 6.18: a range
// of 3 always gives 2, one of 5 gives 4 or 5): the port they miss is the lowest or the highest of the range.
//
// Connections that the host has at the beginning (HostGroup::held_connections) take what they hold: where ports are
// shared per four-tuple that is only what goes to `destination` (without one: nothing), except TIME_WAIT entries that
// connect() may take over on the spot.
Interval automatic_ports(const HostGroup& host, const PoolKind& kind,
                         const std::optional<Endpoint>& destination = std::nullopt);

// Does the connection, whose entry is in TIME_WAIT, stand in the way of an automatic choice of connect() at the
// beginning? (model/ports/tuple_takeover.hpp says the same of the entry of a running host.)
bool blocks_connect(const HostGroup& host, const HeldConnections& held);

}  // namespace netlimits::analysis
