// Which datagram socket a datagram is for: how well one fits.
//
// Source: net/ipv4/udp.c, compute_score, udp4_lib_lookup2; net/ipv6/udp.c, compute_score; 6.18. Measured on 6.18: a
// socket on the very address comes before one on a wildcard, whatever their scores; one that is connected to port 0
// takes datagrams from every port of its peer; an IPv6 socket keeps the peer's address after disconnecting and goes on
// taking IPv6 datagrams from it alone (__udp_disconnect clears the IPv4 one only).
#pragma once

#include <cstdint>

#include "model/sockets/socket_record.hpp"
#include "model/sockets/tuple_table.hpp"

namespace netlimits {

inline constexpr int datagram_at_exact_address = 100;  // a score from here on: bound to the datagram's very address
inline constexpr int datagram_not_for_it = -1;

// `key`: as the receiver sees the datagram. `arriving_device`: 0 when no socket of the host can be bound to it.
int datagram_score(const SocketRecord& receiver, const TupleKey& key, std::uint8_t arriving_device);

// Does the list of the datagram's four-tuple have the socket?
bool found_by_tuple(const DatagramPlace& place, const TupleKey& key);

}  // namespace netlimits
