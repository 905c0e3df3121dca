// A host's addresses, and what routing says about a connection: whether there is a way, and with which source address.
//
// Source: net/ipv4/route.c ip_route_output_key_hash_rcu, net/ipv4/fib_frontend.c, net/ipv6/addrconf.c. Measured
// on 6.18:
// - destination 127.x.y.z: the source is always 127.0.0.1
// - destination an own other address: that address for a /32, the first address of its subnet otherwise
// - destination 0.0.0.0: the bound source, or 127.0.0.1; destination ::, ::1
// - without IPv6 (net.ipv6.conf.all.disable_ipv6) every IPv6 destination, ::1 and :: included: EADDRNOTAVAIL
// - an address on the loopback device with a prefix shorter than /32 makes the whole prefix the host's own
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "model/addresses/address_index.hpp"
#include "model/net/address_bits.hpp"
#include "model/net/segment.hpp"
#include "model/sockets/host_config.hpp"
#include "model/sockets/socket_record.hpp"
#include "model/systems/refusal.hpp"
#include "model/systems/rule.hpp"

namespace netlimits {

enum class AddressKind : std::uint8_t { wildcard, own, broadcast, multicast, other };

struct Route {
  AddressBits source;
  AddressBits destination;
  AddressKind kind = AddressKind::other;  // of the destination
  Rule by = no_rule;                      // what decided the source
};

// What the sender fixes before routing.
struct RouteWish {
  AddressBits destination;
  bool source_bound = false;
  AddressBits source{};
  bool any_source = false;  // IP_TRANSPARENT: the source need not be the host's own
  std::uint8_t device = 0;
  bool connecting = true;  // false: one datagram
};

constexpr bool is_link_local(AddressBits address) { return (address.high >> 54U) == (0xfe80U >> 6U); }
// Means something on one device only (include/net/ipv6.h, __ipv6_addr_needs_scope_id): fe80::/10, and multicast to the
// device itself (ff01, ff11, ...) or to its link (ff02, ff12, ...).
constexpr bool needs_device(AddressBits address) {
  const std::uint64_t scope = address.high >> 48U & 0xfU;
  return is_link_local(address) || ((address.high >> 56U) == 0xff && (scope == 1 || scope == 2));
}

class OwnAddresses {
 public:
  explicit OwnAddresses(const HostConfig& config);

  void add(AddressBlock block) { add(std::span(&block, 1)); }
  void add(std::span<const AddressBlock> blocks);
  // The host has IPv6 or not. Without it every address of IPv6 goes; with it again ::1 alone comes back.
  void switch_ipv6(bool on);
  // Would a segment to this address be taken in?
  bool owns(AddressBits address) const;
  AddressKind kind_of(AddressBits address) const;
  // Given to an interface of the host: ::1 and the addresses themselves, not what a local route covers.
  bool assigned(AddressBits address) const;
  // The same for a socket bound to a device: ::1 belongs to loopback alone.
  bool assigned_to(AddressBits address, std::uint8_t device) const;

  // Do packets of a socket bound to the device come to the address? A device other than loopback leads to none of the
  // host's own, and loopback to nothing else.
  bool reached_by(std::uint8_t device, AddressBits address) const;

  // Which device a segment came in on: what a host sends to itself comes in on loopback. Others come in on a device
  // that no socket of this host is bound to, as far as the model knows: 0. What goes to an address of another device
  // comes from there, although it takes the way over loopback (net/ipv4/route.c, ip_route_output_key_hash_rcu,
  // orig_oif); an ICMP error is looked up by the way that it took (net/ipv4/udp.c, __udp4_lib_err). That other device
  // is never a socket's own here: 0 too.
  std::uint8_t arriving_device(const Segment& segment) const;

  // Does an answer that no socket gives (a reset, the ACK of a TIME_WAIT entry) find its way? To ::1 it looks for a
  // route on the device that the answering address belongs to (net/ipv6/tcp_ipv6.c tcp_v6_send_response,
  // rt6_need_strict).
  bool answers(AddressBits from, AddressBits to) const;

  // Refuses with ENETUNREACH (no way there, or a source that is not the host's own), EADDRNOTAVAIL (IPv6 on a host
  // without it), EINVAL (a loopback source that would leave by another device) or EAFNOSUPPORT (an IPv4 source for a
  // true IPv6 destination).
  Outcome<Route> route(const RouteWish& wish) const;

 private:
  Outcome<Route> route_v4(const RouteWish& wish) const;
  Outcome<Route> route_v6(const RouteWish& wish) const;
  Outcome<Route> route_by_device(const RouteWish& wish, Route route) const;

  // Of the blocks in the order of their assignment; nullptr: none.
  const AddressBlock* first_of(Family family) const;
  const AddressBlock* with(AddressBits address) const;              // the first one with this very address
  const AddressBlock* first_beside(const AddressBlock& own) const;  // in the subnet of `own`, with its prefix length
  const AddressBlock* nearest_v4(AddressBits destination) const;    // the first one of the longest prefix around it
  const AddressBlock* closest_v6(AddressBits destination) const;    // the first one of those that share most bits
  bool on_link_v6(AddressBits destination) const;
  bool is_broadcast(std::uint32_t v4) const;      // of a subnet
  bool in_own_subnet(AddressBits address) const;  // and not its broadcast address

  const AddressBlock* at(std::optional<AddressIndex::Position> position) const {
    return position ? &blocks_[*position] : nullptr;
  }
  std::span<const AddressBlock> not_indexed() const { return std::span(blocks_).subspan(index_.size()); }

  const HostConfig* config_;          // outlives this
  std::vector<AddressBlock> blocks_;  // in the order of their assignment, none of them loopback
  AddressIndex index_;                // of the first ones, once there are many
  bool has_ipv6_ = true;
};

}  // namespace netlimits
