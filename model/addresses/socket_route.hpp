// What a socket sends to and from where: its own address and options, and what routing says of the destination.
//
// Source: net/ipv4/tcp_ipv4.c tcp_v4_connect, net/ipv6/tcp_ipv6.c tcp_v6_connect, net/ipv4/udp.c, net/ipv6/udp.c; 6.18.
#pragma once

#include "model/addresses/own_addresses.hpp"
#include "model/net/endpoint.hpp"
#include "model/sockets/socket_record.hpp"
#include "model/systems/refusal.hpp"
#include "model/systems/rule_account.hpp"

namespace netlimits {

// `extras`: the socket's, nullptr without. `connecting`: false for one datagram. Besides what OwnAddresses::route()
// refuses: ENETUNREACH for multicast and broadcast destinations of a stream and for IPv4 ones of a v6-only socket,
// EINVAL when connecting to one that needs a device, without one. Requires: the endpoint's address is of the socket's
// family.
Outcome<Route> route_of(const SocketRecord& socket, const SocketExtras* extras, Endpoint remote, bool connecting,
                        const OwnAddresses& addresses, RuleAccount& account);

// The same for connect() of a stream of which nothing is known but the wish: no options, and no device.
Outcome<Route> stream_route(const OwnAddresses& addresses, const RouteWish& wish);

}  // namespace netlimits
