// Where a lookup finds a datagram socket: its place in the list of its address, and in that of its four-tuple.
//
// Source: net/ipv4/udp.c, udp_lib_get_port, udp_lib_rehash, udp_lib_hash4, udp_rehash4 (6.13 and later; before, there
// is no list by four-tuple). Measured on 6.18 by 3,000 random sequences of bind, connect and disconnect:
// - Who comes to a list comes first, but an IPv6 socket with SO_REUSEPORT is bound to the end of its address's list.
// - A socket moves when its local address changes: connecting from a wildcard, and disconnecting back to it.
// - The first connect() files a socket by its four-tuple. Connecting to another peer from the same local address does
//   not move it: the list of its new four-tuple does not know it, and only its address leads there.
#pragma once

#include <cstdint>

#include "model/net/address_bits.hpp"

namespace netlimits {

struct DatagramPlace {
  std::int64_t by_address = 0;  // the highest is looked at first
  std::uint64_t by_tuple = 0;   // the same; 0: not filed by four-tuple
  AddressBits tuple_local{};    // what it is filed under
  AddressBits tuple_remote{};
  std::uint16_t tuple_remote_port = 0;
};

}  // namespace netlimits
