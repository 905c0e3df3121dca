// close() and the way to an orderly end: the FIN, orphans, and a listener's connections that nobody accepted.
#include "model/tcp/data_retransmission.hpp"
#include "model/tcp/listen_queues.hpp"
#include "model/tcp/tcp_stack.hpp"

namespace netlimits {

// net/ipv4/tcp.c, __tcp_close: unread data first, then SO_LINGER 0, then the orderly end.
void TcpStack::close(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets_[index];
  record.waiting = false;
  if (record.state == TcpState::listen) {
    set_closed(index);
    stop_listening(index, now, effects);
    return destroy(index);
  }
  if (record.state == TcpState::closed) return destroy(index);
  const SocketExtras* own = sockets_.extras_if_any(record);
  if (account_.decides(Rule::close_unread_resets, record.unread > 0)) {
    output_.reset(record, effects);
    return destroy(index);
  }
  const bool linger_zero = record.linger && (own == nullptr || own->linger_seconds == 0);
  if (account_.decides(Rule::close_linger_resets, linger_zero)) {
    cut(index, now, effects);
    return destroy(index);
  }
  start_closing(index, now, effects);
  if (record.state == TcpState::closed) return destroy(index);
  become_orphan(index, now, effects);
}

void TcpStack::start_closing(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets_[index];
  switch (record.state) {
    case TcpState::established:
    case TcpState::syn_received:
      record.state = TcpState::fin_wait_1;
      break;
    case TcpState::close_wait:
      record.state = TcpState::last_ack;
      ++record.timer_round;  // the FIN acknowledges the peer's: no delayed ACK any more
      break;
    case TcpState::syn_sent:
      set_closed(index);
      return;
    default:
      return;
  }
  if (record.in_doubt) return finish_in_doubt(index, now, effects);
  output_.fin(record, true, effects);
}

void TcpStack::become_orphan(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets_[index];
  record.orphan = true;
  record.receive_shut = true;
  record.send_shut = true;
  ++orphans_;
  if (record.state == TcpState::fin_wait_2) {
    enter_fin_wait_2(index, now, effects);
    return;
  }
  if (orphans_ > settings().max_orphans) {  // net/ipv4/tcp.c, tcp_check_oom
    ++counters_.orphan_resets;
    account_.mark(Rule::orphan_too_many);
    output_.reset(record, effects);
    destroy(index);
    return;
  }
  record.since = now;
  if (record.in_doubt) return;  // its repetitions come to an end by themselves
  set_timer(index, TimerKind::orphan, now + orphan_patience(settings().orphan_retries), effects);
}

// Half-open requests stay until their ACK or their timer finds no listener (net/ipv4/inet_connection_sock.c,
// inet_csk_listen_stop).
void TcpStack::stop_listening(SocketIndex index, SimTime now, Effects& effects) {
  if (!sockets_.has_extras(index)) return;
  SocketIndex child = empty_accept_queue(sockets_.extras(index));
  const bool resets = account_.decides(Rule::close_listener_resets_queue, child != no_socket);
  while (child != no_socket) {
    const SocketIndex next = sockets_[child].queue_next;
    if (resets) cut(child, now, effects);
    destroy(child);
    child = next;
  }
}

}  // namespace netlimits
