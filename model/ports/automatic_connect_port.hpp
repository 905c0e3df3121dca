// The order in which connect() tries ports when the socket has none.
//
// Source: net/ipv4/inet_hashtables.c, __inet_hash_connect; 6.18. [low, high] is the range, N its size, n is N made even
// if N > 1. From low + offset (offset even, below n) by 2 with wrap-around, n/2 ports; then the other parity the same
// way from low + offset + 1. A socket with IP_LOCAL_PORT_RANGE goes by 1 through all N (since 6.8).
// So one call visits only N - 1 ports when N is odd and above 1. Measured on 6.18, 200 trials each, connections before
// the first EADDRNOTAVAIL: 3 ports always 2; 5 ports 4 or 5; 7 ports 6 or 7; even ranges always N.
// Before 4.2 there was no parity (Rule::connect_first_parity): every port by 1 from the offset.
#pragma once

#include <cstdint>

#include "model/net/port.hpp"
#include "model/ports/port_walk.hpp"

namespace netlimits {

struct ConnectWalkShape {
  PortRange range;
  bool every_port = false;  // by 1, without parity

  // Offsets are drawn below this.
  std::uint32_t draws() const {
    const std::uint32_t size = range.size().value;
    return every_port || size == 1 ? size : size & ~1U;
  }
};

// The walk for a draw; any 32-bit number is reduced as the kernel does.
PortWalk connect_walk(const ConnectWalkShape& shape, std::uint32_t draw);

}  // namespace netlimits
