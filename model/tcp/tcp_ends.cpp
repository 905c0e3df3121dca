// How a connection ends without order - refused, reset, timed out, disconnected - and what then goes with the record.
#include "model/tcp/tcp_stack.hpp"

namespace netlimits {
namespace {

bool resets_when_cut(TcpState state) {  // net/ipv4/tcp.c, tcp_need_reset
  switch (state) {
    case TcpState::established:
    case TcpState::close_wait:
    case TcpState::fin_wait_1:
    case TcpState::fin_wait_2:
    case TcpState::syn_received:
      return true;
    default:
      return false;
  }
}

}  // namespace

void TcpStack::set_closed(SocketIndex index) {
  SocketRecord& record = sockets_[index];
  ports_.end_listening(index);
  ports_.leave_tuple(index);
  ++record.timer_round;
  record.state = TcpState::closed;
  if (!record.port_locked && rules().has(Rule::disconnect_gives_port_up)) ports_.release(index);
}

void TcpStack::finish(SocketIndex index, SimTime now, Effects& effects) {
  set_closed(index);
  SocketRecord& record = sockets_[index];
  record.send_shut = true;
  record.receive_shut = true;
  if (record.orphan) return destroy_with_notice(index, effects);
  if (!record.waiting) return;
  // A blocking connect() takes the error and leaves a fresh socket (net/ipv4/af_inet.c, __inet_stream_connect).
  if (record.error == 0)
    notify(index, NoticeKind::connect_failed, effects,
           Refusal{Error::econnaborted, std::nullopt, Rule::connect_outcome});
  record.waiting = false;
  record.error = 0;
  record.call_state = CallState::unconnected;
  cut(index, now, effects);
}

void TcpStack::destroy(SocketIndex index) {
  SocketRecord& record = sockets_[index];
  ports_.end_listening(index);
  ports_.leave_tuple(index);
  ports_.release(index);
  if (record.orphan) --orphans_;
  if (record.counts_as_time_wait()) time_waits_.leave(record.light);
  sockets_.destroy(index);
}

void TcpStack::destroy_with_notice(SocketIndex index, Effects& effects) {
  notify(index, NoticeKind::gone, effects);
  destroy(index);
}

void TcpStack::lose_everything() {
  known_peers_.clear();
  time_waits_.clear();
  orphans_ = 0;
}

void TcpStack::reset_local(SocketIndex index) {
  SocketRecord& record = sockets_[index];
  if (account_.decides(Rule::disconnect_keeps_address, record.address_locked)) return;
  record.source_open = false;
  ports_.set_local(index, AddressBits::any(record.family()));
}

void TcpStack::cut(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets_[index];
  const TcpState before = record.state;
  // The segments carry the connection's own name, which the closed state no longer has.
  const SocketRecord as_connected = record;
  if (before != TcpState::closed) set_closed(index);
  if (before == TcpState::listen) {
    stop_listening(index, now, effects);
  } else if (resets_when_cut(before)) {
    output_.reset(as_connected, effects);
    record.set_error(Error::econnreset);
  } else if (before == TcpState::syn_sent) {
    record.set_error(Error::econnreset);
  }
  record.unread = 0;
  record.remote_port = 0;
  reset_local(index);
  record.send_shut = false;
  record.receive_shut = false;
  record.end_of_stream = false;
  record.data_came = false;
  record.cookie = false;
  record.in_doubt = false;
  record.retries = 0;
}

void TcpStack::fail_connection(SocketIndex index, Refusal why, SimTime now, Effects& effects) {
  SocketRecord& record = sockets_[index];
  record.set_error(why.error);
  if (!record.orphan) notify(index, NoticeKind::connect_failed, effects, why);
  finish(index, now, effects);
}

// net/ipv4/tcp_input.c, tcp_reset.
void TcpStack::reset_by_peer(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets_[index];
  const TcpState before = record.state;
  if (before == TcpState::closed) return;
  if (before == TcpState::syn_sent || before == TcpState::syn_received) {
    const bool refused = before == TcpState::syn_sent;
    const Error error = refused ? rules().connection_refused : rules().connection_reset;
    std::optional<Limit> limit;
    if (refused) limit = Limit::no_listener;
    return fail_connection(index, Refusal{error, limit, Rule::connect_refused}, now, effects);
  }
  account_.mark(before == TcpState::close_wait ? Rule::connection_reset_after_fin : Rule::connection_reset);
  record.set_error(before == TcpState::close_wait ? Error::epipe : rules().connection_reset);
  if (record.descriptor)
    notify(index, NoticeKind::reset, effects, Refusal{*record.pending_error(), std::nullopt, Rule::connection_reset});
  finish(index, now, effects);
}

}  // namespace netlimits
