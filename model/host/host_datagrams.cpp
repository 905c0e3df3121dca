#include <algorithm>

#include "model/host/host_state.hpp"
#include "model/ports/bind_conflict.hpp"
#include "model/udp/datagram_lookup.hpp"

namespace netlimits {
namespace {

constexpr Rule conflict_rule = Rule::datagram_conflict;
constexpr Rule automatic_rule = Rule::datagram_automatic_port;
constexpr Rule autobind_rule = Rule::datagram_no_port;
constexpr Rule pending_rule = Rule::socket_pending_error;
constexpr std::uint32_t longest_datagram = 65507;     // IPv4: 65535 less the IP and UDP headers
constexpr std::uint32_t longest_datagram_v6 = 65527;  // the IPv6 header is not counted

}  // namespace

PortTable& Host::State::udp() {
  if (!datagram_ports) datagram_ports = std::make_unique<PortTable>();
  return *datagram_ports;
}

// net/ipv4/udp.c, udp_lib_lport_inuse. For an explicit port the first owner in the way decides, the latest bound first:
// one of the same user with SO_REUSEPORT on both lets the newcomer in without a look at the rest. IPv6 sockets with
// SO_REUSEPORT are looked at last of all, the first bound first (measured on 6.18). An automatic choice
// shares with SO_REUSEADDR on both and with SO_REUSEPORT of one user.
bool Host::State::datagram_conflict(const SocketRecord& newcomer, SocketIndex self, std::uint16_t port,
                                    bool automatic) const {
  if (!datagram_ports) return false;
  bool conflict = false;
  const auto decides = [&](SocketIndex index, const SocketRecord& owner) {
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
  };
  std::vector<SocketIndex> behind;
  const bool decided = datagram_ports->any_owner(sockets, port, [&](SocketIndex index, const SocketRecord& owner) {
    const SocketExtras* own = extras_if_any(owner);
    if (own == nullptr || !own->looked_up_last) return decides(index, owner);
    behind.push_back(index);
    return false;
  });
  if (!decided)
    (void)std::any_of(behind.rbegin(), behind.rend(), [&](SocketIndex at) { return decides(at, sockets[at]); });
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
  udp().add(sockets, index, PortTable::Claim::bind);
  const bool at_the_end = record.reuse_port && record.inet6;
  extras_of(index).place = {.by_address = at_the_end ? --datagram_last : ++datagram_first};
  if (record.reuse_port) join_datagram_group(index);
  return {};
}

// net/ipv4/udp.c, udp_reuseport_add_sock and udp_lib_get_port.
void Host::State::join_datagram_group(SocketIndex index) {
  const SocketRecord& record = sockets[index];
  std::uint32_t group = 0;
  datagram_ports->any_owner(sockets, record.held_port, [&](SocketIndex at, const SocketRecord& other) {
    if (at == index || !other.reuse_port || other.inet6 != record.inet6 || other.v6_only != record.v6_only ||
        other.device != record.device || uid_of(other) != uid_of(record) || other.local != record.local)
      return false;
    SocketExtras& theirs = extras_of(at);
    if (theirs.group == 0) theirs.group = ++datagram_groups;
    group = theirs.group;
    return true;
  });
  SocketExtras& own = extras_of(index);
  own.group = group != 0 ? group : ++datagram_groups;
  own.looked_up_last = record.inet6;
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
  const bool from_wildcard = record.local.is_any();
  if (from_wildcard) {
    record.local = route->source;
  } else if (record.inet6 && !record.local.is_mapped() && route->source.is_mapped()) {
    extras_of(index).v4_source = route->source.v4_bits();
  }
  record.remote = route->destination;
  record.remote_port = remote.port.value;
  record.state = TcpState::established;
  if (from_wildcard) move_datagram_place(index);
  if (extras_of(index).place.by_tuple == 0) file_by_tuple(index);
  if (record.extras != no_extras) extras_of(index).group = 0;
  return {};
}

void Host::State::file_by_tuple(SocketIndex index) {
  const SocketRecord& record = sockets[index];
  DatagramPlace& place = extras_of(index).place;
  place.by_tuple = static_cast<std::uint64_t>(++datagram_first);
  place.tuple_local = record.local;
  place.tuple_remote = record.remote;
  place.tuple_remote_port = record.remote_port;
}

// Its local address has changed.
void Host::State::move_datagram_place(SocketIndex index) {
  const SocketRecord& record = sockets[index];
  DatagramPlace& place = extras_of(index).place;
  place.by_address = ++datagram_first;
  const bool moves = place.tuple_local != record.local || place.tuple_remote != record.remote ||
                     place.tuple_remote_port != record.remote_port;
  if (place.by_tuple != 0 && moves) file_by_tuple(index);
}

// net/ipv4/udp.c, __udp_disconnect: the device goes too, and a port that was never asked for by number.
void Host::State::disconnect_datagram(SocketIndex index) {
  SocketRecord& record = sockets[index];
  record.state = TcpState::closed;
  record.remote_port = 0;
  record.device = 0;
  const bool to_wildcard = !record.address_locked && !record.local.is_any();
  if (!record.address_locked) {
    record.local = AddressBits::any(record.family());
    if (record.extras != no_extras) extras_of(index).v4_source = 0;
  }
  if (!record.port_locked) {
    release_port(index);
    record.local_port = 0;
  } else if (to_wildcard) {
    move_datagram_place(index);
  }
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
    const auto route = route_for(record, target, false);
    if (!route) return tl::unexpected(route.error());
    if (route->kind == AddressKind::broadcast) return refuse(Error::eacces, Rule::datagram_broadcast);
    source = route->source;
    destination = route->destination;
    port = target.port.value;
  } else {
    if (too_long && !record.inet6) return refuse(Error::emsgsize, Rule::datagram_size);
    if (record.state != TcpState::established) return refuse(Error::edestaddrreq, Rule::datagram_no_destination);
    if (too_long && record.remote.is_mapped()) return refuse(Error::emsgsize, Rule::datagram_size);
    // An IPv6 socket hands its IPv4 peer down as if it were given with the call (net/ipv6/udp.c, udpv6_sendmsg).
    if (record.inet6 && record.remote.is_mapped() && port == 0) return refuse(Error::einval, Rule::datagram_port_zero);
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

// Of the connected sockets that are filed by their four-tuple the latest filed (udp4_lib_lookup4). Otherwise those on
// the datagram's very address, then those on a wildcard (udp4_lib_lookup2): the best score, and of equals the first in
// the list. The first of a group that is the best so far ends the search: one of its group takes the datagram, by a
// hash.
SocketIndex Host::State::datagram_receiver(const TupleKey& key, std::uint8_t device) const {
  if (!datagram_ports) return no_socket;
  std::vector<SocketIndex> candidates;
  SocketIndex filed = no_socket;
  const auto place = [&](SocketIndex index) -> const DatagramPlace& { return extras[sockets[index].extras].place; };
  datagram_ports->any_owner(sockets, key.local_port, [&](SocketIndex index, const SocketRecord& receiver) {
    if (datagram_score(receiver, key, device) == datagram_not_for_it) return false;
    candidates.push_back(index);
    if (receiver.state == TcpState::established && found_by_tuple(place(index), key) &&
        (filed == no_socket || place(index).by_tuple > place(filed).by_tuple))
      filed = index;
    return false;
  });
  if (filed != no_socket) return filed;
  std::sort(candidates.begin(), candidates.end(),
            [&](SocketIndex a, SocketIndex b) { return place(a).by_address > place(b).by_address; });
  SocketIndex best = no_socket;
  int best_score = -1;
  for (const bool on_the_address : {true, false}) {
    for (const SocketIndex index : candidates) {
      const int value = datagram_score(sockets[index], key, device);
      if ((value >= datagram_at_exact_address) != on_the_address || value <= best_score) continue;
      best = index;
      best_score = value;
      const SocketExtras* own = extras_if_any(sockets[index]);
      if (own == nullptr || own->group == 0 || !sockets[index].reuse_port) continue;
      std::vector<SocketIndex> members;
      datagram_ports->any_owner(sockets, key.local_port, [&](SocketIndex at, const SocketRecord& member) {
        const SocketExtras* theirs = extras_if_any(member);
        if (theirs != nullptr && theirs->group == own->group) members.push_back(at);
        return false;
      });
      if (members.size() == 1) return index;
      mark(Rule::datagram_group);
      std::sort(members.begin(), members.end(),
                [&](SocketIndex a, SocketIndex b) { return sockets[a].generation < sockets[b].generation; });
      return members[group_member(config->group_draws.get(), key, static_cast<std::uint32_t>(members.size()))];
    }
    if (best != no_socket) return best;
  }
  return no_socket;
}

void Host::State::deliver_datagram(const Segment& segment, Effects& effects) {
  const FourTuple here = segment.tuple.reversed();
  const TupleKey key{AddressBits::of(here.local.address), AddressBits::of(here.remote.address), here.local.port.value,
                     here.remote.port.value};
  const SocketIndex best = datagram_receiver(key, arriving_device(segment));
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
