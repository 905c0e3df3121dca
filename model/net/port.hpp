// Ports, how many of them, and ranges of them.
#pragma once

#include <compare>
#include <cstdint>

namespace netlimits {

// A 16-bit TCP or UDP port. 0 means "none chosen yet", as in bind(address, 0).
struct Port {
  std::uint16_t value = 0;
  auto operator<=>(const Port&) const = default;
};

// A number of ports. 32 bits: the full range holds 65,536 ports, one more than a port can say.
struct PortCount {
  std::uint32_t value = 0;
  auto operator<=>(const PortCount&) const = default;
};

// Both ends included, as net.ipv4.ip_local_port_range prints it. Requires: first <= last.
struct PortRange {
  Port first;
  Port last;

  constexpr PortCount size() const { return {std::uint32_t{last.value} - first.value + 1U}; }
  constexpr bool contains(Port port) const { return first <= port && port <= last; }
  auto operator<=>(const PortRange&) const = default;
};

static_assert(PortRange{Port{0}, Port{65535}}.size() == PortCount{65536});

}  // namespace netlimits
