// connect(): the port, the four-tuple and the SYN; what a repeated call says; connections that are there already.
#include "model/addresses/socket_route.hpp"
#include "model/ports/tuple_takeover.hpp"
#include "model/tcp/syn_retransmission.hpp"
#include "model/tcp/tcp_stack.hpp"

namespace netlimits {

// net/ipv4/af_inet.c, __inet_stream_connect.
Outcome<void> TcpStack::connect(SocketIndex index, Endpoint remote, const PortDraw& draw, SimTime now,
                                Effects& effects) {
  SocketRecord& record = sockets_[index];
  switch (record.call_state) {
    case CallState::disconnecting:
      return refuse(Error::einval, Rule::connect_after_shutdown);
    case CallState::connected:
      return refuse(Error::eisconn, Rule::connect_call_state);
    case CallState::connecting:
      if (record.state == TcpState::syn_sent || record.state == TcpState::syn_received)
        return refuse(Error::ealready, Rule::connect_in_progress);
      if (record.state == TcpState::closed) {
        const Error error = record.pending_error().value_or(Error::econnaborted);
        record.error = 0;
        record.call_state = CallState::unconnected;
        cut(index, now, effects);
        return refuse(error, Rule::connect_outcome);
      }
      record.call_state = CallState::connected;
      return {};
    case CallState::unconnected:
      break;
  }
  if (record.state != TcpState::closed) return refuse(Error::eisconn, Rule::connect_call_state);
  const auto started = start_connection(index, remote, draw, now, effects);
  if (!started) return started;
  record.call_state = CallState::connecting;
  record.waiting = !record.nonblocking;
  return {};
}

// net/ipv4/tcp_ipv4.c tcp_v4_connect, net/ipv6/tcp_ipv6.c tcp_v6_connect.
Outcome<void> TcpStack::start_connection(SocketIndex index, Endpoint remote, const PortDraw& draw, SimTime now,
                                         Effects& effects) {
  SocketRecord& record = sockets_[index];
  if (remote.address.is_v4() == record.inet6)
    return refuse(record.inet6 ? Error::einval : Error::eafnosupport, Rule::connect_family);
  const auto route = route_of(record, sockets_.extras_if_any(record), remote, true, addresses_, account_);
  if (!route) return tl::unexpected(route.error());

  if (record.local != route->source) ports_.set_local(index, route->source);
  record.source_open = false;
  record.remote = route->destination;
  record.remote_port = remote.port.value;
  record.state = TcpState::syn_sent;

  const auto port = port_towards(index, {record.local, record.remote, record.remote_port}, draw, now, effects);
  if (!port) {
    set_closed(index);
    reset_local(index);
    record.remote_port = 0;
    return tl::unexpected(port.error());
  }

  record.local_port = *port;
  if (record.inet6 && record.remote.is_mapped()) record.speaks_v4 = true;
  account_.mark_if(*port == record.remote_port && record.local == record.remote, Rule::connect_self);
  ports_.enter_tuple(index);
  record.error = 0;
  record.retries = 0;
  record.since = now;
  record.timestamps = false;
  output_.syn(record, settings().timestamps, effects);
  wait_for_syn_timeout(index, now, syn_timeout(0, settings(), rules()), effects);
  return {};
}

// The port that the connection has, or gets now; a TIME_WAIT entry in its way that may be taken over is gone then.
Outcome<std::uint16_t> TcpStack::port_towards(SocketIndex index, const Destination& to, const PortDraw& draw,
                                              SimTime now, Effects& effects) {
  SocketRecord& record = sockets_[index];
  const auto take_over = [&](SocketIndex entry, Rule by) {
    account_.mark(by);
    ++counters_.time_wait_recycled;
    destroy_with_notice(entry, effects);
  };
  if (record.held_port != 0) {
    const SocketIndex holder = ports_.holder(record, to, record.held_port);
    account_.mark(Rule::connect_bound_port);
    if (holder == no_socket) return record.held_port;
    if (reusable_by_bound_connect(sockets_[holder], rules())) {
      take_over(holder, Rule::connect_bound_takes_time_wait);
    } else if (account_.decides(Rule::connect_four_tuple, true)) {
      account_.mark_if(sockets_[holder].inet6 != record.inet6, Rule::connect_families_share_tuples);
      return refuse(rules().four_tuple_taken, Limit::four_tuple, Rule::connect_four_tuple);
    }
    return record.held_port;
  }
  const auto chosen = ports_.choose_for_connect(record, to, draw, now, account_);
  if (!chosen) return refuse(rules().ports_exhausted_connect, Limit::ephemeral_ports, Rule::connect_automatic_port);
  const SocketIndex holder = ports_.holder(record, to, chosen->value);
  if (holder != no_socket) take_over(holder, Rule::connect_takes_time_wait);
  record.connect_bound = true;
  ports_.join(index, chosen->value);
  return chosen->value;
}

void TcpStack::connection_completed(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets_[index];
  record.state = TcpState::established;
  record.retries = 0;
  ++record.timer_round;
  peer_heard(index, now);
  begin_keep_alive(index, now, effects);
  if (record.waiting) record.call_state = CallState::connected;
  record.waiting = false;
  if (record.descriptor) notify(index, NoticeKind::connected, effects);
}

void TcpStack::disconnect(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets_[index];
  record.waiting = false;
  if (record.held_port != 0)
    account_.mark(record.port_locked ? Rule::disconnect_keeps_port : Rule::disconnect_gives_port_up);
  account_.mark_if(record.in_tuples, Rule::disconnect_resets);
  cut(index, now, effects);
  record.call_state = CallState::unconnected;
}

Outcome<SocketIndex> TcpStack::hold(ProcessId process, const HeldConnection& held, SimTime now, Effects& effects) {
  const std::uint16_t port = held.tuple.local.port.value;
  const TupleKey key{AddressBits::of(held.tuple.local.address), AddressBits::of(held.tuple.remote.address), port,
                     held.tuple.remote.port.value};
  if (ports_.has_tuple(key)) return refuse(rules().four_tuple_taken, Limit::four_tuple, Rule::held_four_tuple);
  const bool waits = held.state != HeldConnectionState::open;
  if (waits && time_waits_.full(settings()))
    return refuse(rules().four_tuple_taken, Limit::time_wait_buckets, Rule::held_time_wait_buckets);

  const SocketIndex index = sockets_.create();
  SocketRecord& record = sockets_[index];
  record.process = process.value;
  record.inet6 = held.tuple.local.address.family() == Family::inet6;
  record.local = key.local;
  record.remote = key.remote;
  record.local_port = port;
  record.remote_port = key.remote_port;
  record.state = TcpState::established;
  record.call_state = CallState::connected;
  record.connect_bound = true;
  record.timestamps = settings().timestamps;
  ports_.join(index, port);
  ports_.enter_tuple(index);
  if (!waits) return index;

  const bool light = held.state == HeldConnectionState::fin_wait_2;
  record.state = light ? TcpState::fin_wait_2 : TcpState::time_wait;
  record.light = light;
  // It began so long ago that the rest of its time is what is left: connect()'s right to take it over counts from then.
  const Duration whole = light ? settings().fin_timeout : settings().time_wait;
  record.since = now + held.ends_after - whole;
  time_waits_.enter(light);
  set_timer(index, light ? TimerKind::fin_wait_2 : TimerKind::time_wait, now + held.ends_after, effects);
  if (!light) ports_.time_wait_began(index);
  return index;
}

}  // namespace netlimits
