// The 128 bits of an address as sockets and tables compare them.
//
// IPv4 is held v4-mapped (::ffff:a.b.c.d), so an IPv4 socket and a v4-mapped IPv6 socket share four-tuples. Only the
// IPv4 wildcard (::ffff:0.0.0.0) and the IPv6 wildcard (::) differ.
#pragma once

#include <compare>
#include <cstdint>

#include "model/net/address.hpp"

namespace netlimits {

struct AddressBits {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  static constexpr AddressBits of(IpAddress address) { return {address.high(), address.low()}; }
  static constexpr AddressBits v4(std::uint32_t bits) { return {0, 0x0000ffff00000000ULL | bits}; }
  static constexpr AddressBits any(Family family) { return family == Family::inet ? v4(0) : AddressBits{}; }

  constexpr bool is_v6_any() const { return high == 0 && low == 0; }
  constexpr bool is_mapped() const { return high == 0 && (low >> 32U) == 0xffffU; }
  constexpr bool is_any() const { return is_v6_any() || (is_mapped() && v4_bits() == 0); }
  constexpr bool is_loopback() const { return is_mapped() ? (v4_bits() >> 24U) == 127 : (high == 0 && low == 1); }
  // Requires: is_mapped().
  constexpr std::uint32_t v4_bits() const { return static_cast<std::uint32_t>(low); }

  // As a socket of `family` spells it.
  constexpr IpAddress spelled(Family family) const {
    return family == Family::inet ? IpAddress::v4(v4_bits()) : IpAddress::v6(high, low);
  }
  // As a packet carries it: IPv4 where it is mapped.
  constexpr IpAddress on_the_wire() const { return is_mapped() ? IpAddress::v4(v4_bits()) : IpAddress::v6(high, low); }

  auto operator<=>(const AddressBits&) const = default;
};

}  // namespace netlimits
