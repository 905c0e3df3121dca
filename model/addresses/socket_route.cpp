// Routing as connect() and a datagram of one socket meet it.
#include "model/addresses/socket_route.hpp"

#include "model/systems/rule_book.hpp"

namespace netlimits {
namespace {

AddressBits loopback_for(const SocketRecord& socket) {
  return socket.local.is_mapped() ? AddressBits::v4(0x7f000001U) : AddressBits::of(IpAddress::loopback(Family::inet6));
}

}  // namespace

Outcome<Route> route_of(const SocketRecord& socket, const SocketExtras* extras, Endpoint remote, bool connecting,
                        const OwnAddresses& addresses, RuleAccount& account) {
  RouteWish wish;
  wish.connecting = connecting;
  wish.destination = AddressBits::of(remote.address);
  wish.any_source = socket.transparent;
  wish.device = socket.device;
  if (socket.inet6) {
    if (wish.destination.is_v6_any()) {
      wish.destination = loopback_for(socket);
      account.mark(Rule::connect_wildcard);
    }
    if (!wish.destination.is_mapped()) {
      if ((wish.destination.high >> 56U) == 0xff && !socket.dgram)
        return refuse(Error::enetunreach, Limit::no_route, Rule::connect_destination);
      // One datagram is only routed (net/ipv6/udp.c, udpv6_sendmsg).
      if (connecting && needs_device(wish.destination) && socket.device == 0)
        return refuse(Error::einval, Rule::connect_destination);
      wish.source_bound = !socket.local.is_v6_any();
      wish.source = socket.local;
      const auto route = addresses.route(wish);
      if (route) account.mark(route->by);
      return route;
    }
    if (socket.v6_only) return refuse(Error::enetunreach, Limit::no_route, Rule::connect_destination);
  }
  std::uint32_t source = socket.v4_view();
  // A datagram socket that connecting gave a true IPv6 address has the IPv4 one of its last v4-mapped connection.
  if (socket.dgram && !socket.local.is_mapped()) source = extras == nullptr ? 0 : extras->v4_source;
  wish.source_bound = source != 0 && !socket.source_open;
  wish.source = AddressBits::v4(source);
  const auto route = addresses.route(wish);
  if (!route) return route;
  const bool one_host = route->kind != AddressKind::multicast && route->kind != AddressKind::broadcast;
  if (account.decides(Rule::connect_destination, !socket.dgram && !one_host))
    return refuse(Error::enetunreach, Limit::no_route, Rule::connect_destination);
  account.mark(route->by);
  return route;
}

Outcome<Route> stream_route(const OwnAddresses& addresses, const RouteWish& wish) {
  const auto route = addresses.route(wish);
  if (!route) return route;
  if (route->kind == AddressKind::multicast || route->kind == AddressKind::broadcast)
    return refuse(Error::enetunreach, Limit::no_route, Rule::connect_destination);
  if (!wish.destination.is_mapped() && needs_device(wish.destination))
    return refuse(Error::einval, Limit::no_route, Rule::connect_destination);
  return route;
}

}  // namespace netlimits
