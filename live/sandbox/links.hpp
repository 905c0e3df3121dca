// Interfaces, addresses and routes of the network namespace that the calling thread is in, through rtnetlink.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "live/sandbox/network_namespace.hpp"
#include "live/sandbox/unavailable.hpp"
#include "model/net/address.hpp"

namespace netlimits::live {

SystemResult<void> bring_loopback_up();
SystemResult<void> set_link_up(const std::string& name, bool up);

// A virtual cable: `here` in the current namespace, `there` in the other one. Both ends are up afterwards.
SystemResult<void> lay_cable(const std::string& here, const NetworkNamespace& other, const std::string& there);

// A bridge in the current namespace, up, and an interface put into it.
SystemResult<void> make_bridge(const std::string& name);
SystemResult<void> put_into_bridge(const std::string& link, const std::string& bridge);

// One address on an interface, with its prefix length. IPv6 addresses are usable at once (no duplicate detection).
SystemResult<void> add_address(const std::string& link, const AddressBlock& address);

// Every address of the block becomes the host's own (a `local` route on the loopback interface): it can be bound and
// connected to. IPv6 blocks can be bound only with net.ipv6.ip_nonlocal_bind = 1.
SystemResult<void> add_any_ip(const AddressBlock& block);

struct RouteEntry {
  AddressBlock to;                  // length 0: the default route
  std::string link;                 // the interface
  std::optional<IpAddress> via;     // the next host, reachable on the link even if no route says so
  std::optional<IpAddress> source;  // what an unbound socket uses as its address
};
SystemResult<void> add_route(const RouteEntry& entry);
SystemResult<void> remove_route(const RouteEntry& entry);
// Instead of a route to the same block, if there is one.
SystemResult<void> replace_route(const RouteEntry& entry);

// Which address an unbound socket uses towards `own`, an IPv4 address that `link` has: the first one of its subnet,
// where addresses come with subnets (net/ipv4/fib_frontend.c, fib_add_ifaddr).
SystemResult<void> choose_source_towards_own(const std::string& link, IpAddress own, IpAddress source);

// A way to nowhere in the current namespace: what is routed there leaves the host and is never heard of again, as on a
// wire with nobody at its other end. (What has no route is dropped before it is tracked.)
SystemResult<void> lay_dead_end();
RouteEntry way_to_nowhere(const AddressBlock& block);  // once there is one

// Packets for which no other route exists vanish without a word, as towards a host that is not there: no ICMP.
SystemResult<void> swallow_the_rest(Family family);

// Takes the interface away, and with it the other end of its cable. No packet leaves any more.
SystemResult<void> remove_link(const std::string& name);

}  // namespace netlimits::live
