// The kinds of addresses and the two routing tables, IPv4 and IPv6.
#include "model/addresses/own_addresses.hpp"

#include <algorithm>

#include "model/systems/rule_book.hpp"

namespace netlimits {
namespace {

// As many are looked at one after another sooner than they are searched, and a few of very many may be new.
constexpr std::size_t few = 8;
constexpr std::size_t part_that_may_be_new = 64;

std::uint32_t mask_of(std::uint8_t length) { return length == 0 ? 0U : ~0U << (32U - length); }

bool covers(const AddressBlock& block, AddressBits address) { return block.contains(address.on_the_wire()); }

bool is_subnet_broadcast(const AddressBlock& block, std::uint32_t address) {
  if (!block.address.is_v4() || block.length >= 31) return false;
  const std::uint32_t mask = mask_of(block.length);
  return address == (block.address.v4_bits() | ~mask);
}

// Of the prefix, as long as it is.
int shared_bits(const AddressBlock& block, AddressBits address) {
  return std::min<int>(block.length, common_prefix(AddressBits::of(block.address), address));
}

}  // namespace

OwnAddresses::OwnAddresses(const HostConfig& config) : config_(&config) {
  add(config.addresses);
  if (config.settings.ipv6_disabled) switch_ipv6(false);
}

void OwnAddresses::switch_ipv6(bool on) {
  has_ipv6_ = on;
  if (on) return;
  std::erase_if(blocks_, [](const AddressBlock& block) { return !AddressBits::of(block.address).is_mapped(); });
  index_ = blocks_.size() > few ? AddressIndex(blocks_) : AddressIndex();
}

void OwnAddresses::add(std::span<const AddressBlock> blocks) {
  blocks_.reserve(blocks_.size() + (blocks.size() > 1 ? blocks.size() : 0));
  for (const AddressBlock& block : blocks) {
    const bool refused = !has_ipv6_ && !AddressBits::of(block.address).is_mapped();
    if (!block.address.is_loopback() && !refused) blocks_.push_back(block);
  }
  if (not_indexed().size() > std::max(few, index_.size() / part_that_may_be_new)) index_ = AddressIndex(blocks_);
}

// ---- one of the blocks: the index knows the first ones, the others are looked at one after another

const AddressBlock* OwnAddresses::first_of(Family family) const {
  if (const AddressBlock* found = at(index_.first_of(family))) return found;
  for (const AddressBlock& block : not_indexed())
    if (block.address.family() == family) return &block;
  return nullptr;
}

const AddressBlock* OwnAddresses::with(AddressBits address) const {
  if (const AddressBlock* found = at(index_.with(address))) return found;
  for (const AddressBlock& block : not_indexed())
    if (AddressBits::of(block.address) == address) return &block;
  return nullptr;
}

const AddressBlock* OwnAddresses::first_beside(const AddressBlock& own) const {
  if (const AddressBlock* found = at(index_.of_subnet(own.length, AddressBits::of(own.address)))) return found;
  for (const AddressBlock& block : not_indexed())
    if (block.length == own.length && block.contains(own.address)) return &block;
  return nullptr;
}

const AddressBlock* OwnAddresses::nearest_v4(AddressBits destination) const {
  const AddressBlock* found = at(index_.nearest(destination));
  for (const AddressBlock& block : not_indexed()) {
    if (!block.address.is_v4() || !covers(block, destination)) continue;
    if (found == nullptr || block.length > found->length) found = &block;
  }
  return found;
}

const AddressBlock* OwnAddresses::closest_v6(AddressBits destination) const {
  const AddressBlock* found = at(index_.closest_v6(destination));
  for (const AddressBlock& block : not_indexed()) {
    if (block.address.is_v4()) continue;
    if (found == nullptr || shared_bits(block, destination) > shared_bits(*found, destination)) found = &block;
  }
  return found;
}

bool OwnAddresses::on_link_v6(AddressBits destination) const {
  if (index_.any_subnet(destination, [](std::uint8_t) { return true; })) return true;
  return std::any_of(not_indexed().begin(), not_indexed().end(),
                     [&](const AddressBlock& block) { return !block.address.is_v4() && covers(block, destination); });
}

bool OwnAddresses::is_broadcast(std::uint32_t v4) const {
  const auto last_of = [&](std::uint8_t length) { return length < 31 && (v4 | mask_of(length)) == ~0U; };
  if (index_.any_subnet(AddressBits::v4(v4), last_of)) return true;
  return std::any_of(not_indexed().begin(), not_indexed().end(),
                     [&](const AddressBlock& block) { return is_subnet_broadcast(block, v4); });
}

bool OwnAddresses::in_own_subnet(AddressBits address) const {
  const std::uint32_t v4 = address.v4_bits();
  const auto not_the_last = [&](std::uint8_t length) { return length >= 31 || (v4 | mask_of(length)) != ~0U; };
  if (index_.any_subnet(address, not_the_last)) return true;
  return std::any_of(not_indexed().begin(), not_indexed().end(), [&](const AddressBlock& block) {
    return covers(block, address) && !is_subnet_broadcast(block, v4);
  });
}

// ---- kinds

// net/ipv6/addrconf.c, ipv6_chk_addr without `strict`: only an address of host or link scope is tied to its device.
bool OwnAddresses::assigned_to(AddressBits address, std::uint8_t device) const {
  return assigned(address) && !(address.is_loopback() && device > loopback_device);
}

bool OwnAddresses::assigned(AddressBits address) const {
  if (address.is_loopback()) return address.is_mapped() || has_ipv6_;
  return with(address) != nullptr;
}

bool OwnAddresses::owns(AddressBits address) const {
  if (assigned(address)) return true;
  for (const AddressBlock& block : config_->any_ip)
    if (covers(block, address)) return true;
  return config_->addresses_on_loopback && address.is_mapped() && in_own_subnet(address);
}

bool OwnAddresses::reached_by(std::uint8_t device, AddressBits address) const {
  if (device == 0) return true;
  if (device > loopback_device) return !owns(address);
  return address.is_loopback() || owns(address);
}

std::uint8_t OwnAddresses::arriving_device(const Segment& segment) const {
  if (!owns(AddressBits::of(segment.tuple.local.address))) return 0;
  const bool at_loopback = segment.by_loopback || segment.unreachable || config_->addresses_on_loopback ||
                           segment.tuple.remote.address.is_loopback();
  return at_loopback ? loopback_device : 0;
}

bool OwnAddresses::answers(AddressBits from, AddressBits to) const {
  return to.is_mapped() || !to.is_loopback() || from.is_loopback() || config_->addresses_on_loopback;
}

AddressKind OwnAddresses::kind_of(AddressBits address) const {
  if (address.is_any()) return AddressKind::wildcard;
  if (!address.is_mapped()) {
    if ((address.high >> 56U) == 0xff) return AddressKind::multicast;
    return owns(address) ? AddressKind::own : AddressKind::other;
  }
  const std::uint32_t v4 = address.v4_bits();
  if ((v4 >> 28U) == 0xe) return AddressKind::multicast;
  if (v4 == 0xffffffffU || v4 == 0x7fffffffU) return AddressKind::broadcast;
  if (owns(address)) return AddressKind::own;
  return is_broadcast(v4) ? AddressKind::broadcast : AddressKind::other;
}

Outcome<Route> OwnAddresses::route(const RouteWish& wish) const {
  return wish.destination.is_mapped() ? route_v4(wish) : route_v6(wish);
}

Outcome<Route> OwnAddresses::route_v4(const RouteWish& wish) const {
  Route route{wish.source, wish.destination, AddressKind::other, Rule::none};
  if (wish.source_bound) {
    const AddressKind source_kind = kind_of(wish.source);
    if (!wish.any_source && source_kind != AddressKind::own)
      return refuse(Error::enetunreach, Limit::no_route, Rule::route_foreign_source);
  }
  if (wish.destination.is_any()) {
    route.destination = wish.source_bound ? wish.source : AddressBits::v4(0x7f000001U);
    route.source = route.destination;
    route.kind = AddressKind::own;
    route.by = Rule::connect_wildcard;
    if (wish.device <= loopback_device || !wish.connecting) return route;
    RouteWish settled = wish;  // connecting looks a second time, with the source settled
    settled.source_bound = true;
    settled.source = route.source;
    return route_by_device(settled, route);
  }
  route.kind = kind_of(route.destination);
  const std::uint32_t to = route.destination.v4_bits();
  const bool elsewhere = !config_->addresses_on_loopback && !route.destination.is_loopback();
  if (wish.device > loopback_device || (wish.device == loopback_device && elsewhere))
    return route_by_device(wish, route);
  if (route.destination.is_loopback()) {
    if (wish.source_bound) return route;
    route.source = AddressBits::v4(0x7f000001U);
    route.by = Rule::route_loopback_source;
    return route;
  }
  // The first address of the subnet that the destination is in: an own one counts with its own prefix only.
  const AddressBlock* nearest = nearest_v4(route.destination);
  if (route.kind == AddressKind::own) {
    if (wish.source_bound) return route;
    const AddressBlock* const exact = with(route.destination);
    if (exact == nullptr) {
      route.source = nearest != nullptr ? AddressBits::of(nearest->address) : route.destination;
      route.by = Rule::route_whole_prefix;
      return route;
    }
    route.source = AddressBits::of(first_beside(*exact)->address);
    route.by = route.source == route.destination ? Rule::route_own_source : Rule::route_subnet_source;
    return route;
  }
  // A bound source says which device to use for these (the local network's broadcast address has a route).
  const bool everywhere = route.kind == AddressKind::multicast || to == 0xffffffffU;
  if (everywhere && wish.source_bound) return route;
  if (nearest == nullptr) {
    if (wish.device == loopback_device) return route_by_device(wish, route);
    const AddressBlock* const any = first_of(Family::inet);
    if (!config_->default_route || any == nullptr) return refuse(Error::enetunreach, Limit::no_route, Rule::route_none);
    if ((to >> 24U) == 0) return refuse(Error::einval, Rule::route_none);
    nearest = any;
  }
  if (wish.source_bound) {
    // Nothing leaves the host from a loopback address (net/ipv4/route.c, __mkroute_output).
    if (wish.source.is_loopback() && !config_->addresses_on_loopback)
      return refuse(Error::einval, Rule::route_foreign_source);
    return route;
  }
  route.source = AddressBits::of(nearest->address);
  route.by = Rule::route_subnet_source;
  return route;
}

// A socket bound to a device takes every destination that no route names to be in its reach.
Outcome<Route> OwnAddresses::route_by_device(const RouteWish& wish, Route route) const {
  // Which addresses are its own or a subnet's broadcast is another device's affair: the lookup for this one finds none
  // of them and takes any address to be on the link; 255.255.255.255 is everyone's (net/ipv4/route.c,
  // ip_route_output_key_hash_rcu and __mkroute_output; measured on 6.18).
  const bool everywhere = route.destination.v4_bits() == 0xffffffffU;
  if (route.kind == AddressKind::own || (route.kind == AddressKind::broadcast && !everywhere))
    route.kind = AddressKind::other;
  route.by = Rule::route_device;
  if (wish.source_bound) {
    const bool leaves =
        wish.device > loopback_device && route.kind != AddressKind::multicast && route.kind != AddressKind::broadcast;
    if (leaves && wish.source.is_loopback()) return refuse(Error::einval, Rule::route_foreign_source);
    return route;
  }
  const AddressBlock* const first = first_of(Family::inet);
  route.source = first != nullptr ? AddressBits::of(first->address) : AddressBits::v4(0);
  return route;
}

Outcome<Route> OwnAddresses::route_v6(const RouteWish& wish) const {
  // No source is found before it is asked whether there is a way (net/ipv6/ip6_output.c, ip6_dst_lookup_tail). Measured
  // on 6.18 with ::1, ::, an address that was the host's own, and one elsewhere.
  if (!has_ipv6_) return refuse(Error::eaddrnotavail, Limit::no_route, Rule::route_none);
  Route route{wish.source, wish.destination, AddressKind::other, Rule::none};
  if (wish.destination.is_v6_any()) {
    route.destination = AddressBits::of(IpAddress::loopback(Family::inet6));
    route.by = Rule::connect_wildcard;
  }
  route.kind = kind_of(route.destination);
  // A v4-mapped source is refused once there is a way (net/ipv6/ip6_output.c, ip6_dst_lookup_tail).
  const bool mapped_source = wish.source_bound && wish.source.is_mapped();
  const bool elsewhere = !config_->addresses_on_loopback && !route.destination.is_loopback();
  if (wish.device > loopback_device || (wish.device == loopback_device && elsewhere))
    return refuse(Error::enetunreach, Limit::no_route, Rule::route_none);
  if (route.kind == AddressKind::own) {
    if (mapped_source) return refuse(Error::eafnosupport, Rule::route_foreign_source);
    if (wish.source_bound) return route;
    route.source = route.destination;
    if (route.by == Rule::none) route.by = Rule::route_own_source;
    return route;
  }
  const AddressBlock* const best = closest_v6(route.destination);
  if (best == nullptr || (!config_->default_route && !on_link_v6(route.destination)))
    return refuse(Error::enetunreach, Limit::no_route, Rule::route_none);
  if (mapped_source) return refuse(Error::eafnosupport, Rule::route_foreign_source);
  if (wish.source_bound) return route;
  route.source = AddressBits::of(best->address);
  route.by = Rule::route_subnet_source;
  return route;
}

}  // namespace netlimits
