#include <algorithm>

#include "model/bind_conflict.hpp"
#include "model/host_state.hpp"

namespace netlimits {
namespace {

constexpr Rule conflict_rule = Rule::datagram_conflict;
constexpr Rule automatic_rule = Rule::datagram_automatic_port;
constexpr Rule autobind_rule = Rule::datagram_no_port;
constexpr Rule pending_rule = Rule::socket_pending_error;
constexpr std::uint32_t longest_datagram = 65507;     // IPv4: 65535 less the IP and UDP headers
constexpr std::uint32_t longest_datagram_v6 = 65527;  // the IPv6 header is not counted

// net/ipv4/udp.c compute_score, net/ipv6/udp.c. -1: not this one.
int score(const SocketRecord& receiver, const TupleKey& key, std::uint8_t arriving_device) {
  const bool v4 = key.local.is_mapped();
  if (v4 ? receiver.v6_only : !receiver.inet6) return -1;
  const bool wildcard = receiver.local.is_v6_any() || (v4 && receiver.local.is_any());
  if (!wildcard && receiver.local != key.local) return -1;
  // An IPv6 socket keeps the peer's address after disconnecting, and goes on taking IPv6 datagrams from it alone
  // (measured on 6.18; net/ipv4/udp.c, __udp_disconnect clears the IPv4 one only).
  if (!v4 && !receiver.remote.is_v6_any() && receiver.remote != key.remote) return -1;
  int value = v4 && !receiver.inet6 ? 2 : 1;
  if (!wildcard) value += 100;  // looked up first, by its address
  if (receiver.state == TcpState::established) {
    if (receiver.remote != key.remote || receiver.remote_port != key.remote_port) return -1;
    value += 8;
  }
  if (receiver.device != 0) {
    if (receiver.device != arriving_device) return -1;
    value += 4;
  }
  return value;
}

}  // namespace

PortTable& Host::State::udp() {
  if (!datagram_ports) datagram_ports = std::make_unique<PortTable>();
  return *datagram_ports;
}

// net/ipv4/udp.c, udp_lib_lport_inuse. For an explicit port the first owner in the way decides, the latest bound first:
// one of the same user with SO_REUSEPORT on both lets the newcomer in without a look at the rest. An automatic choice
// shares with SO_REUSEADDR on both and with SO_REUSEPORT of one user.
bool Host::State::datagram_conflict(const SocketRecord& newcomer, SocketIndex self, std::uint16_t port,
                                    bool automatic) const {
  if (!datagram_ports) return false;
  bool conflict = false;
  datagram_ports->any_owner(sockets, port, [&](SocketIndex index, const SocketRecord& owner) {
    if (index == self || !devices_meet(newcomer, owner) || !wildcard_addresses_equal(newcomer, owner)) return false;
    if (owner.reuse_address && newcomer.reuse_address) {
      mark(Rule::datagram_shared);
      return false;
    }
    const bool shared = owner.reuse_port && newcomer.reuse_port && uid_of(owner) == uid_of(newcomer);
    mark_if(shared, Rule::datagram_shared);
    if (shared) return !automatic;
    conflict = true;
    return true;
  });
  return conflict;
}

// net/ipv4/udp.c, udp_lib_get_port: an automatic choice may give any port of the range, in no order of parity.
std::vector<Port> Host::State::possible_datagram_ports(const SocketRecord& record) const {
  const PortRange range = automatic_range(record);
  std::vector<Port> list;
  for (std::uint32_t number = range.first.value; number <= range.last.value; ++number) {
    const auto port = static_cast<std::uint16_t>(number);
    if (!never_automatic(port) && !datagram_conflict(record, no_socket, port, true)) list.push_back(Port{port});
  }
  return list;
}

Outcome<void> Host::State::get_datagram_port(SocketIndex index, std::uint16_t port, const PortLot& lot) {
  SocketRecord& record = sockets[index];
  if (port != 0) {
    if (datagram_conflict(record, index, port, false))
      return refuse(rules().address_in_use, Limit::port_in_use, conflict_rule);
  } else {
    const ConnectWalkShape shape{automatic_range(record), true};
    const auto open = [&](Port candidate) {
      return !never_automatic(candidate.value) && !datagram_conflict(record, index, candidate.value, true);
    };
    std::optional<Port> chosen;
    if (!lot.demanded) {
      chosen = first_acceptable(connect_walk(shape, lot.offset), open);
    } else if (shape.range.contains(*lot.demanded) && open(*lot.demanded)) {
      chosen = lot.demanded;
    }
    if (!chosen) return refuse(rules().ports_exhausted_bind, Limit::ephemeral_ports, automatic_rule);
    port = chosen->value;
  }
  record.held_port = port;
  udp().add(sockets, index);
  return {};
}

// net/ipv4/af_inet.c inet_dgram_connect, net/ipv4/datagram.c, net/ipv6/datagram.c. The socket is bound first: no free
// port is EAGAIN here.
Outcome<void> Host::State::connect_datagram(SocketIndex index, Endpoint remote, const PortLot& lot) {
  SocketRecord& record = sockets[index];
  if (record.held_port == 0) {
    if (const auto taken = get_datagram_port(index, 0, lot); !taken)
      return refuse(Error::eagain, Limit::ephemeral_ports, autobind_rule);
    record.local_port = record.held_port;
  }
  if (!record.inet6 && !remote.address.is_v4()) return refuse(Error::eafnosupport, Rule::connect_family);
  if (record.inet6 && remote.address.is_v4()) {
    if (record.v6_only) return refuse(Error::eafnosupport, Rule::connect_family);
    remote.address = IpAddress::v6(remote.address.high(), remote.address.low());
  }
  const auto route = route_for(record, remote);
  if (!route) return tl::unexpected(route.error());
  if (route->kind == AddressKind::broadcast) return refuse(Error::eacces, Rule::datagram_broadcast);
  if (record.local.is_any()) {
    record.local = route->source;
  } else if (record.inet6 && !record.local.is_mapped() && route->source.is_mapped()) {
    extras_of(index).v4_source = route->source.v4_bits();
  }
  record.remote = route->destination;
  record.remote_port = remote.port.value;
  record.state = TcpState::established;
  return {};
}

// net/ipv4/udp.c, __udp_disconnect: the device goes too, and a port that was never asked for by number.
void Host::State::disconnect_datagram(SocketIndex index) {
  SocketRecord& record = sockets[index];
  record.state = TcpState::closed;
  record.remote_port = 0;
  record.device = 0;
  if (!record.address_locked) {
    record.local = AddressBits::any(record.family());
    if (record.extras != no_extras) extras_of(index).v4_source = 0;
  }
  if (record.port_locked) return;
  release_port(index);
  record.local_port = 0;
}

// net/ipv4/udp.c, udp_sendmsg. The socket is bound before anything is looked at.
Outcome<std::uint32_t> Host::State::send_datagram(SocketIndex index, std::uint32_t bytes,
                                                  const std::optional<Endpoint>& to, const PortLot& lot,
                                                  Effects& effects) {
  SocketRecord& record = sockets[index];
  if (record.held_port == 0) {
    if (const auto taken = get_datagram_port(index, 0, lot); !taken)
      return refuse(Error::eagain, Limit::ephemeral_ports, autobind_rule);
    record.local_port = record.held_port;
  }
  if (bytes > 0xffffU) return refuse(Error::emsgsize, Rule::datagram_size);
  AddressBits source = record.local;
  AddressBits destination = record.remote;
  std::uint16_t port = record.remote_port;
  if (to) {
    Endpoint target = *to;
    if (!record.inet6 && !target.address.is_v4()) return refuse(Error::eafnosupport, Rule::send_family);
    if (target.port.value == 0) return refuse(Error::einval, Rule::datagram_port_zero);
    if (record.inet6 && target.address.is_v4()) {
      if (record.v6_only) return refuse(Error::enetunreach, Limit::no_route, Rule::send_family);
      target.address = IpAddress::v6(target.address.high(), target.address.low());
    }
    const auto route = route_for(record, target, false);
    if (!route) return tl::unexpected(route.error());
    if (route->kind == AddressKind::broadcast) return refuse(Error::eacces, Rule::datagram_broadcast);
    source = route->source;
    destination = route->destination;
    port = target.port.value;
  } else if (record.state != TcpState::established) {
    return refuse(Error::edestaddrreq, Rule::datagram_no_destination);
  }
  if (!to && source.is_mapped() != destination.is_mapped()) {
    // Connected first to the one kind of address and then to the other: the source is what routing says.
    const auto route = route_for(record, {destination.spelled(record.family()), Port{port}});
    if (route) source = route->source;
  } else if (!to && record.device != 0) {  // the device may have come after the peer
    const auto route = route_for(record, {destination.spelled(record.family()), Port{port}});
    if (!route) return tl::unexpected(route.error());
  }
  if (bytes > (destination.is_mapped() ? longest_datagram : longest_datagram_v6))
    return refuse(Error::emsgsize, Rule::datagram_size);
  if (const auto error = record.pending_error()) {
    record.error = 0;
    return refuse(*error, pending_rule);
  }
  if (record.send_shut) return refuse(Error::epipe, Rule::send_state);
  Segment segment;
  segment.protocol = Protocol::udp;
  segment.tuple = {{source.on_the_wire(), Port{record.local_port}}, {destination.on_the_wire(), Port{port}}};
  segment.payload = bytes;
  send(record, segment, effects);
  return bytes;
}

Outcome<std::uint32_t> Host::State::receive_datagram(SocketIndex index) {
  SocketRecord& record = sockets[index];
  if (const auto error = record.pending_error()) {
    record.error = 0;
    return refuse(*error, pending_rule);
  }
  if (extras_if_any(record) != nullptr && !extras_of(index).datagrams.empty()) {
    auto& waiting = extras_of(index).datagrams;
    const std::uint32_t bytes = waiting.front();
    waiting.erase(waiting.begin());
    return bytes;
  }
  if (record.receive_shut && !record.nonblocking) return 0;
  return refuse(Error::eagain, Rule::receive_nothing);
}

void Host::State::deliver_datagram(const Segment& segment, Effects& effects) {
  const FourTuple here = segment.tuple.reversed();
  const TupleKey key{AddressBits::of(here.local.address), AddressBits::of(here.remote.address), here.local.port.value,
                     here.remote.port.value};
  SocketIndex best = no_socket;
  int best_score = -1;
  if (datagram_ports) {
    datagram_ports->any_owner(sockets, key.local_port, [&](SocketIndex index, const SocketRecord& receiver) {
      const int value = score(receiver, key, arriving_device(segment));
      if (value > best_score) {
        best = index;
        best_score = value;
      }
      return false;
    });
  }
  if (segment.unreachable) {
    mark(Rule::datagram_nobody);
    if (best == no_socket || sockets[best].state != TcpState::established) return;
    sockets[best].set_error(rules().connection_refused);
    return;
  }
  if (best == no_socket) {
    Segment answer;
    answer.protocol = Protocol::udp;
    answer.tuple = segment.tuple.reversed();
    answer.unreachable = true;
    effects.segments.push_back(answer);
    return;
  }
  extras_of(best).datagrams.push_back(segment.payload);
  notify(best, NoticeKind::readable, effects);
}

}  // namespace netlimits
