// The order in which bind(address, 0), listen() without bind and the like try ports.
//
// Source: net/ipv4/inet_connection_sock.c, inet_csk_find_open_port; 6.18. With SO_REUSEADDR and at least 4 ports the
// lower half of the range comes first, then the upper one; the split is at low + 2 * floor(N / 4). In each piece of n
// ports (n made even if above 1) from a random odd offset by 2 with wrap-around, n/2 ports; then the other parity. So
// the parity that connect() prefers comes last.
// Measured on 6.18, range of 20: without SO_REUSEADDR 10 odd, then 10 even, then EADDRINUSE; with it 40000-40009 (odd,
// then even) before 40010-40019.
// Before 4.2 there was no parity (Rule::bind_first_parity): every port by 1 from the offset.
#pragma once

#include <cstdint>

#include "model/net/port.hpp"
#include "model/ports/port_walk.hpp"

namespace netlimits {

struct BindWalkShape {
  PortRange range;
  bool every_port = false;  // by 1, without parity or halves
  bool halves = false;      // SO_REUSEADDR is set

  bool split() const { return halves && !every_port && range.size().value >= 4; }
  // The pieces searched one after another: one, or the two halves.
  std::uint32_t pieces() const { return split() ? 2 : 1; }
  PortRange piece(std::uint32_t number) const;
  // Offsets for the piece are drawn below this.
  std::uint32_t draws(std::uint32_t number) const {
    const std::uint32_t size = piece(number).size().value;
    return every_port || size == 1 ? size : size & ~1U;
  }
};

// The walk through one piece for a draw; any 32-bit number is reduced as the kernel does.
PortWalk bind_walk(const BindWalkShape& shape, std::uint32_t piece, std::uint32_t draw);

}  // namespace netlimits
