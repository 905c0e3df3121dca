#include "model/host/host_state.hpp"
#include "model/tcp/syn_retransmission.hpp"
#include "model/tcp/time_wait.hpp"

namespace netlimits {
namespace {

constexpr Rule family_rule = Rule::connect_family;
constexpr Rule call_state_rule = Rule::connect_call_state;
constexpr Rule destination_rule = Rule::connect_destination;
constexpr Rule port_rule = Rule::connect_automatic_port;
constexpr Rule tuple_rule = Rule::connect_four_tuple;

AddressBits loopback_for(const SocketRecord& record) {
  return record.local.is_mapped() ? AddressBits::v4(0x7f000001U) : AddressBits::of(IpAddress::loopback(Family::inet6));
}

bool is_link_local(AddressBits address) { return (address.high >> 54U) == (0xfe80U >> 6U); }

}  // namespace

// What connect() sends to: net/ipv4/tcp_ipv4.c tcp_v4_connect, net/ipv6/tcp_ipv6.c tcp_v6_connect.
Outcome<Route> Host::State::route_for(const SocketRecord& record, Endpoint remote, bool connecting) const {
  RouteWish wish;
  wish.connecting = connecting;
  wish.destination = AddressBits::of(remote.address);
  wish.any_source = record.transparent;
  wish.device = record.device;
  if (record.inet6) {
    if (wish.destination.is_v6_any()) {
      wish.destination = loopback_for(record);
      mark(Rule::connect_wildcard);
    }
    if (!wish.destination.is_mapped()) {
      if ((wish.destination.high >> 56U) == 0xff && !record.dgram)
        return refuse(Error::enetunreach, Limit::no_route, destination_rule);
      if (is_link_local(wish.destination) && record.device == 0) return refuse(Error::einval, destination_rule);
      wish.source_bound = !record.local.is_v6_any();
      wish.source = record.local;
      const auto route = addresses.route(wish);
      if (route) mark(route->by);
      return route;
    }
    if (record.v6_only) return refuse(Error::enetunreach, Limit::no_route, destination_rule);
  }
  std::uint32_t source = record.v4_view();
  if (record.dgram && !record.local.is_mapped()) {
    // One that connecting gave a true IPv6 address has the IPv4 one of its last v4-mapped connection, if any.
    const SocketExtras* own = extras_if_any(record);
    source = own == nullptr ? 0 : own->v4_source;
  }
  wish.source_bound = source != 0 && !record.source_open;
  wish.source = AddressBits::v4(source);
  auto route = addresses.route(wish);
  if (route && !record.dgram && (route->kind == AddressKind::multicast || route->kind == AddressKind::broadcast) &&
      rules().has(KernelRule::stream_reaches_one_host_only))
    return refuse(Error::enetunreach, Limit::no_route, destination_rule);
  if (route) mark(route->by);
  return route;
}

Outcome<void> Host::State::start_connection(SocketIndex index, Endpoint remote, const PortLot& lot, SimTime now,
                                            Effects& effects) {
  SocketRecord& record = sockets[index];
  if (remote.address.is_v4() == record.inet6)
    return refuse(record.inet6 ? Error::einval : Error::eafnosupport, family_rule);
  const auto route = route_for(record, remote);
  if (!route) return tl::unexpected(route.error());

  if (record.local != route->source) set_local(index, route->source);
  record.source_open = false;
  record.remote = route->destination;
  record.remote_port = remote.port.value;
  record.state = TcpState::syn_sent;

  const Destination to{record.local, record.remote, record.remote_port};
  std::optional<Refusal> refusal;
  std::uint16_t port = record.held_port;
  if (port != 0) {
    const SocketIndex holder = tuple_holder(record, to, port);
    mark(Rule::connect_bound_port);
    if (holder != no_socket && reusable_by_bound_connect(sockets[holder], rules())) {
      mark(Rule::connect_bound_takes_time_wait);
      ++counters.time_wait_recycled;
      destroy_with_notice(holder, effects);
    } else if (holder != no_socket && rules().has(KernelRule::bound_connect_tests_four_tuple)) {
      mark_if(sockets[holder].inet6 != record.inet6, Rule::connect_families_share_tuples);
      refusal = Refusal{rules().four_tuple_taken, Limit::four_tuple, tuple_rule};
    }
  } else {
    const auto chosen = choose_connect_port(record, to, lot, now);
    if (chosen) {
      port = chosen->value;
      const SocketIndex holder = tuple_holder(record, to, port);
      if (holder != no_socket) {
        mark(Rule::connect_takes_time_wait);
        ++counters.time_wait_recycled;
        destroy_with_notice(holder, effects);
      }
      record.connect_bound = true;
      hold_port(index, port, PortTable::Claim::join);
    } else {
      refusal = Refusal{rules().ports_exhausted_connect, Limit::ephemeral_ports, port_rule};
    }
  }
  if (refusal) {
    set_closed(index);
    reset_local(index);
    record.remote_port = 0;
    return tl::unexpected(*refusal);
  }

  record.local_port = port;
  if (record.inet6 && record.remote.is_mapped()) record.speaks_v4 = true;
  mark_if(port == record.remote_port && record.local == record.remote, Rule::connect_self);
  tuples.insert(sockets, index);
  tuple_in(index);
  record.error = 0;
  record.retries = 0;
  record.timestamps = false;
  send_syn(record, effects);
  set_timer(index, TimerKind::syn_retransmission, now + syn_timeout(0, settings(), rules()), effects);
  return {};
}

// net/ipv4/af_inet.c, __inet_stream_connect.
Outcome<void> Host::connect(SocketId socket, Endpoint remote, PortLot lot, SimTime now, Effects& effects) {
  State& state = *state_;
  const auto found = state.open_socket(socket);
  if (!found) return tl::unexpected(found.error());
  const SocketIndex index = *found;
  SocketRecord& record = state.sockets[index];
  if (record.dgram) return state.connect_datagram(index, remote, lot);

  switch (record.call_state) {
    case CallState::disconnecting:
      return refuse(Error::einval, Rule::connect_after_shutdown);
    case CallState::connected:
      return refuse(Error::eisconn, call_state_rule);
    case CallState::connecting:
      if (record.state == TcpState::syn_sent || record.state == TcpState::syn_received)
        return refuse(Error::ealready, Rule::connect_in_progress);
      if (record.state == TcpState::closed) {
        const Error error = record.pending_error().value_or(Error::econnaborted);
        record.error = 0;
        record.call_state = CallState::unconnected;
        state.disconnect(index, now, effects);
        return refuse(error, Rule::connect_outcome);
      }
      record.call_state = CallState::connected;
      return {};
    case CallState::unconnected:
      break;
  }
  if (record.state != TcpState::closed) return refuse(Error::eisconn, call_state_rule);
  const auto started = state.start_connection(index, remote, lot, now, effects);
  if (!started) return started;
  record.call_state = CallState::connecting;
  record.waiting = !record.nonblocking;
  return {};
}

Outcome<void> Host::disconnect(SocketId socket, SimTime now, Effects& effects) {
  State& state = *state_;
  const auto found = state.open_socket(socket);
  if (!found) return tl::unexpected(found.error());
  SocketRecord& record = state.sockets[*found];
  if (record.dgram) {
    state.disconnect_datagram(*found);
    return {};
  }
  record.waiting = false;
  if (record.held_port != 0)
    state.mark(record.port_locked ? Rule::disconnect_keeps_port : Rule::disconnect_gives_port_up);
  state.mark_if(record.address_locked, Rule::disconnect_keeps_address);
  state.mark_if(record.in_tuples, Rule::disconnect_resets);
  state.disconnect(*found, now, effects);
  record.call_state = CallState::unconnected;
  return {};
}

std::vector<Port> Host::connect_candidates(SocketId socket, Endpoint remote, SimTime now) const {
  const State& state = *state_;
  if (!state.sockets.knows(socket)) return {};
  const State::Unaccounted unaccounted(state);
  SocketRecord record = state.sockets[socket.index];
  if (record.dgram) return state.possible_datagram_ports(record);
  const auto route = state.route_for(record, remote);
  if (!route) return {};
  record.local = route->source;
  return state.possible_connect_ports(record, {route->source, route->destination, remote.port.value}, now).ports;
}

// ---- names (net/ipv4/af_inet.c inet_getname, net/ipv6/af_inet6.c inet6_getname)

Outcome<Endpoint> Host::local_name(SocketId socket) const {
  const auto found = state_->open_socket(socket);
  if (!found) return tl::unexpected(found.error());
  const SocketRecord& record = state_->sockets[*found];
  return Endpoint{record.local.spelled(record.family()), Port{record.local_port}};
}

Outcome<Endpoint> Host::peer_name(SocketId socket) const {
  const auto found = state_->open_socket(socket);
  if (!found) return tl::unexpected(found.error());
  const SocketRecord& record = state_->sockets[*found];
  if (record.remote_port == 0 || record.state == TcpState::closed || record.state == TcpState::syn_sent)
    return refuse(Error::enotconn, Rule::peer_name_not_connected);
  return Endpoint{record.remote.spelled(record.family()), Port{record.remote_port}};
}

}  // namespace netlimits
