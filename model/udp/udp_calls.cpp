// The calls on a datagram socket besides bind(): connect, send, receive, shutdown, close.
#include "model/addresses/socket_route.hpp"
#include "model/udp/udp_stack.hpp"

namespace netlimits {
namespace {

constexpr std::uint32_t longest_datagram = 65507;     // IPv4: 65535 less the IP and UDP headers
constexpr std::uint32_t longest_datagram_v6 = 65527;  // the IPv6 header is not counted

}  // namespace

Outcome<Route> UdpStack::route(const SocketRecord& socket, Endpoint remote, bool connecting) {
  return route_of(socket, sockets_.extras_if_any(socket), remote, connecting, addresses_, account_);
}

// net/ipv4/af_inet.c inet_dgram_connect, net/ipv4/datagram.c, net/ipv6/datagram.c.
Outcome<void> UdpStack::connect(SocketIndex index, Endpoint remote, const PortDraw& draw) {
  SocketRecord& record = sockets_[index];
  if (const auto bound = bind_if_unbound(index, draw); !bound) return bound;
  if (!record.inet6 && !remote.address.is_v4()) return refuse(Error::eafnosupport, Rule::connect_family);
  if (record.inet6 && remote.address.is_v4()) {
    if (record.v6_only) return refuse(Error::eafnosupport, Rule::connect_family);
    remote.address = IpAddress::v6(remote.address.high(), remote.address.low());
  }
  const auto way = route(record, remote, true);
  if (!way) return tl::unexpected(way.error());
  if (way->kind == AddressKind::broadcast) return refuse(Error::eacces, Rule::datagram_broadcast);
  const bool from_wildcard = record.local.is_any();
  if (from_wildcard) {
    record.local = way->source;
  } else if (record.inet6 && !record.local.is_mapped() && way->source.is_mapped()) {
    sockets_.extras_of(index).v4_source = way->source.v4_bits();
  }
  record.remote = way->destination;
  record.remote_port = remote.port.value;
  record.state = TcpState::established;
  if (from_wildcard) move_place(index);
  if (sockets_.extras_of(index).place.by_tuple == 0) file_by_tuple(index);
  sockets_.extras_of(index).group = 0;
  return {};
}

// net/ipv4/udp.c, __udp_disconnect: the device goes too, and a port that was never asked for by number.
void UdpStack::disconnect(SocketIndex index) {
  SocketRecord& record = sockets_[index];
  record.state = TcpState::closed;
  record.remote_port = 0;
  record.device = 0;
  const bool to_wildcard = !record.address_locked && !record.local.is_any();
  if (!record.address_locked) {
    record.local = AddressBits::any(record.family());
    if (sockets_.has_extras(index)) sockets_.extras(index).v4_source = 0;
  }
  if (!record.port_locked) {
    release(index);
    record.local_port = 0;
  } else if (to_wildcard) {
    move_place(index);
  }
}

// net/ipv4/udp.c, udp_sendmsg.
Outcome<std::uint32_t> UdpStack::send(SocketIndex index, std::uint32_t bytes, const std::optional<Endpoint>& to,
                                      const PortDraw& draw, Effects& effects) {
  SocketRecord& record = sockets_[index];
  if (const auto bound = bind_if_unbound(index, draw); !bound) return tl::unexpected(bound.error());
  // IPv4 looks at the size first, IPv6 when everything else is settled: net/ipv4/udp.c, net/ipv6/udp.c udpv6_sendmsg.
  const bool too_long = bytes > 0xffffU;
  AddressBits source = record.local;
  AddressBits destination = record.remote;
  std::uint16_t port = record.remote_port;
  if (to) {
    Endpoint target = *to;
    if (record.inet6 && target.address.is_v4()) {
      if (record.v6_only) return refuse(Error::enetunreach, Limit::no_route, Rule::send_family);
      target.address = IpAddress::v6(target.address.high(), target.address.low());
    }
    const AddressBits wanted = AddressBits::of(target.address);
    const bool as_v4 = !record.inet6 || wanted.is_mapped() || (wanted.is_v6_any() && record.local.is_mapped());
    if (record.inet6 && wanted.is_mapped() && record.v6_only)
      return refuse(Error::enetunreach, Limit::no_route, Rule::send_family);
    if (too_long && as_v4) return refuse(Error::emsgsize, Rule::datagram_size);
    if (!record.inet6 && !target.address.is_v4()) return refuse(Error::eafnosupport, Rule::send_family);
    if (target.port.value == 0) return refuse(Error::einval, Rule::datagram_port_zero);
    const auto way = route(record, target, false);
    if (!way) return tl::unexpected(way.error());
    if (way->kind == AddressKind::broadcast) return refuse(Error::eacces, Rule::datagram_broadcast);
    source = way->source;
    destination = way->destination;
    port = target.port.value;
  } else {
    if (too_long && !record.inet6) return refuse(Error::emsgsize, Rule::datagram_size);
    if (record.state != TcpState::established) return refuse(Error::edestaddrreq, Rule::datagram_no_destination);
    if (too_long && record.remote.is_mapped()) return refuse(Error::emsgsize, Rule::datagram_size);
    // An IPv6 socket hands its IPv4 peer down as if it were given with the call (net/ipv6/udp.c, udpv6_sendmsg).
    if (record.inet6 && record.remote.is_mapped() && port == 0) return refuse(Error::einval, Rule::datagram_port_zero);
    const Endpoint peer{destination.spelled(record.family()), Port{port}};
    if (source.is_mapped() != destination.is_mapped()) {
      // Connected first to the one kind of address and then to the other: the source is what routing says.
      if (const auto way = route(record, peer, true)) source = way->source;
    } else if (record.device != 0) {  // the device may have come after the peer
      if (const auto way = route(record, peer, true); !way) return tl::unexpected(way.error());
    }
  }
  if (bytes > (destination.is_mapped() ? longest_datagram : longest_datagram_v6))
    return refuse(Error::emsgsize, Rule::datagram_size);
  if (const auto error = record.pending_error()) {
    record.error = 0;
    return refuse(*error, Rule::socket_pending_error);
  }
  if (record.send_shut) return refuse(Error::epipe, Rule::send_state);
  if (!addresses_.reached_by(record.device, record.remote)) return bytes;
  Segment segment;
  segment.protocol = Protocol::udp;
  segment.tuple = {{source.on_the_wire(), Port{record.local_port}}, {destination.on_the_wire(), Port{port}}};
  segment.payload = bytes;
  segment.by_loopback = record.device == loopback_device;
  effects.segments.push_back(segment);
  return bytes;
}

Outcome<std::uint32_t> UdpStack::receive(SocketIndex index) {
  SocketRecord& record = sockets_[index];
  if (const auto error = record.pending_error()) {
    record.error = 0;
    return refuse(*error, Rule::socket_pending_error);
  }
  if (sockets_.has_extras(index) && !sockets_.extras(index).datagrams.empty()) {
    auto& waiting = sockets_.extras(index).datagrams;
    const std::uint32_t bytes = waiting.front();
    waiting.erase(waiting.begin());
    return bytes;
  }
  if (record.receive_shut && !record.nonblocking) return 0;
  return refuse(Error::eagain, Rule::receive_nothing);
}

bool UdpStack::readable(const SocketRecord& socket) const {
  const SocketExtras* own = sockets_.extras_if_any(socket);
  return socket.error != 0 || (own != nullptr && !own->datagrams.empty()) || socket.receive_shut;
}

Outcome<void> UdpStack::shutdown(SocketIndex index, bool read, bool write) {
  SocketRecord& record = sockets_[index];
  record.receive_shut = record.receive_shut || read;
  record.send_shut = record.send_shut || write;
  if (record.state == TcpState::closed) return refuse(Error::enotconn, Rule::shutdown_not_connected);
  return {};
}

void UdpStack::close(SocketIndex index) {
  release(index);
  sockets_.destroy(index);
}

}  // namespace netlimits
