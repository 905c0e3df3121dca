// The calls on a TCP socket besides connect() and close(): listen, accept, send, receive, poll, shutdown.
#include <boost/assert.hpp>

#include "model/tcp/accept_queue.hpp"
#include "model/tcp/listen_queues.hpp"
#include "model/tcp/tcp_stack.hpp"

namespace netlimits {

// net/socket.c __sys_listen; net/ipv4/af_inet.c inet_listen; net/ipv4/inet_connection_sock.c inet_csk_listen_start.
// listen() repeats the conflict test with the socket counting as a listener; without a port it takes an automatic one
// on the socket's address. On a listener it only changes the backlog.
Outcome<void> TcpStack::listen(SocketIndex index, std::int64_t backlog, const PortDraw& draw) {
  SocketRecord& record = sockets_[index];
  if (record.call_state != CallState::unconnected) return refuse(Error::einval, Rule::listen_state);
  if (record.state != TcpState::closed && record.state != TcpState::listen)
    return refuse(Error::einval, Rule::listen_state);
  const std::uint32_t somaxconn = settings().somaxconn;
  const bool cut = account_.decides(Rule::listen_backlog_cut, static_cast<std::uint32_t>(backlog) > somaxconn);
  sockets_.extras_of(index).backlog = effective_backlog(backlog, cut ? somaxconn : 0xffffffffU);
  account_.mark_if(backlog < 0, Rule::listen_backlog_negative);
  account_.mark_if(record.state == TcpState::listen, Rule::listen_again);
  if (record.state == TcpState::listen) return {};

  const bool had_port = record.held_port != 0;
  record.state = TcpState::listen;
  const bool settled = had_port && !rules().has(Rule::listen_conflict);
  const auto taken =
      settled ? Outcome<void>{} : ports_.take(index, record.held_port, draw, Rule::listen_automatic_port, account_);
  if (!taken) {
    record.state = TcpState::closed;
    return taken;
  }
  account_.mark_if(!had_port, Rule::listen_chooses_port);
  record.local_port = record.held_port;
  empty_accept_queue(sockets_.extras(index));
  ports_.begin_listening(index);
  return {};
}

Outcome<void> TcpStack::has_connection(SocketIndex listener) const {
  if (sockets_[listener].state != TcpState::listen) return refuse(Error::einval, Rule::accept_not_listening);
  if (sockets_.extras(listener).queue_first == no_socket) return refuse(Error::eagain, Rule::accept_queue_empty);
  return {};
}

SocketIndex TcpStack::accept(SocketIndex listener) {
  const SocketIndex child = leave_accept_queue(sockets_, listener);
  BOOST_ASSERT_MSG(child != no_socket, "TcpStack::accept: a connection waits");
  sockets_[child].call_state = CallState::connected;
  return child;
}

// net/ipv4/tcp.c, tcp_sendmsg_locked. Every byte is taken: buffers are not modelled.
Outcome<std::uint32_t> TcpStack::send(SocketIndex index, std::uint32_t bytes, SimTime now, Effects& effects) {
  SocketRecord& record = sockets_[index];
  if (const auto error = record.pending_error()) {
    record.error = 0;
    return refuse(*error, Rule::socket_pending_error);
  }
  if (record.state == TcpState::syn_sent || record.state == TcpState::syn_received)
    return refuse(Error::eagain, Rule::send_state);
  const bool open = record.state == TcpState::established || record.state == TcpState::close_wait;
  if (!open || record.send_shut) return refuse(Error::epipe, Rule::send_state);
  if (bytes > 0) {
    if (record.state == TcpState::close_wait) ++record.timer_round;  // the data acknowledges the peer's FIN
    if (record.in_doubt) {
      send_in_doubt(index, bytes, now, effects);
    } else {
      if (!output_.payload(record, bytes, effects)) {
        keep_for_later(index, bytes, now, effects);
      } else {
        record.since = now;  // acknowledged, as far as anybody can tell
      }
    }
  }
  return bytes;
}

// net/ipv4/tcp.c, tcp_recvmsg_locked.
Outcome<std::uint32_t> TcpStack::receive(SocketIndex index) {
  SocketRecord& record = sockets_[index];
  if (record.state == TcpState::listen) return refuse(Error::enotconn, Rule::receive_state);
  if (record.unread > 0) {
    const std::uint32_t bytes = record.unread;
    record.unread = 0;
    return bytes;
  }
  if (record.end_of_stream) return 0;
  if (const auto error = record.pending_error()) {
    record.error = 0;
    return refuse(*error, Rule::socket_pending_error);
  }
  if (record.receive_shut) return 0;
  if (record.state == TcpState::closed) return refuse(Error::enotconn, Rule::receive_state);
  return refuse(Error::eagain, Rule::receive_nothing);
}

// net/ipv4/tcp.c, tcp_poll.
bool TcpStack::readable(const SocketRecord& socket) const {
  const SocketExtras* own = sockets_.extras_if_any(socket);
  if (socket.state == TcpState::listen) return own != nullptr && own->queued > 0;
  return socket.unread > 0 || socket.end_of_stream || socket.error != 0 || socket.receive_shut ||
         socket.state == TcpState::closed;
}

// net/ipv4/af_inet.c, inet_shutdown; net/ipv4/tcp.c, tcp_shutdown. A closed socket keeps the mark although the call
// fails. A listener ends listening when its reading side is shut; its writing side is nothing.
Outcome<void> TcpStack::shutdown(SocketIndex index, bool read, bool write, SimTime now, Effects& effects) {
  SocketRecord& record = sockets_[index];
  const auto mark = [&] {
    record.receive_shut = record.receive_shut || read;
    record.send_shut = record.send_shut || write;
  };
  if (record.call_state == CallState::connecting) {
    const bool unfinished = record.state == TcpState::syn_sent || record.state == TcpState::syn_received ||
                            record.state == TcpState::closed;
    record.call_state = unfinished ? CallState::disconnecting : CallState::connected;
  }
  switch (record.state) {
    case TcpState::closed:
      mark();
      return refuse(Error::enotconn, Rule::shutdown_not_connected);
    case TcpState::listen:
      account_.mark_if(!read, Rule::shutdown_leaves_listening);
      if (!account_.decides(Rule::shutdown_ends_listening, read)) return {};
      [[fallthrough]];
    case TcpState::syn_sent:
      record.waiting = false;
      cut(index, now, effects);
      record.call_state = CallState::unconnected;
      return {};
    default:
      break;
  }
  mark();
  if (write && record.state != TcpState::syn_received) start_closing(index, now, effects);
  return {};
}

}  // namespace netlimits
