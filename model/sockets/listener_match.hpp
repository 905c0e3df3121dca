// How well a listener fits a SYN, by its address and family alone.
//
// Source: net/ipv4/inet_hashtables.c, compute_score; net/ipv6/inet6_hashtables.c; 6.18. One bound to the SYN's very
// address is looked up first; then one bound to the arriving device is better, then one of the SYN's own family. An
// IPv6 listener takes IPv4 in unless it is IPv6 only (IPV6_V6ONLY, net.ipv6.bindv6only).
#pragma once

#include <cstdint>

#include "model/net/address_bits.hpp"

namespace netlimits {

struct ListenerAddress {
  AddressBits local{};  // a wildcard of its family, or an address
  bool inet6 = false;
  bool v6_only = false;
  std::uint8_t device = 0;  // SO_BINDTODEVICE; 0: none
};

inline constexpr int exact_listener = 10;  // this and above: bound to the very address

// 0: it does not take the SYN. `destination` as the packet carries it.
constexpr int listener_score(const ListenerAddress& listener, AddressBits destination, std::uint8_t arriving_device) {
  if (listener.device != 0 && listener.device != arriving_device) return 0;
  const bool v4 = destination.is_mapped();
  if (v4 && listener.v6_only) return 0;
  if (!v4 && !listener.inet6) return 0;
  const bool wildcard = listener.local.is_v6_any() || (v4 && listener.local.is_any());
  if (!wildcard && listener.local != destination) return 0;
  int value = wildcard ? 1 : exact_listener;
  if (listener.device != 0) value += 2;
  if (v4 && !listener.inet6) ++value;
  return value;
}

}  // namespace netlimits
