#include "model/host/host_state.hpp"

namespace netlimits {
namespace {

constexpr Rule send_rule = Rule::send_state;
constexpr Rule receive_rule = Rule::receive_state;
constexpr Rule nothing_rule = Rule::receive_nothing;
constexpr Rule pending_rule = Rule::socket_pending_error;

}  // namespace

// net/ipv4/tcp.c, tcp_sendmsg_locked. Every byte is taken: buffers are not modelled.
Outcome<std::uint32_t> Host::send(SocketId socket, std::uint32_t bytes, std::optional<Endpoint> to, PortLot lot,
                                  SimTime now, Effects& effects) {
  State& state = *state_;
  const auto found = state.open_socket(socket);
  if (!found) return tl::unexpected(found.error());
  SocketRecord& record = state.sockets[*found];
  if (record.dgram) return state.send_datagram(*found, bytes, to, lot, effects);
  if (const auto error = record.pending_error()) {
    record.error = 0;
    return refuse(*error, pending_rule);
  }
  if (record.state == TcpState::syn_sent || record.state == TcpState::syn_received)
    return refuse(Error::eagain, send_rule);
  const bool open = record.state == TcpState::established || record.state == TcpState::close_wait;
  if (!open || record.send_shut) return refuse(Error::epipe, send_rule);
  if (bytes > 0) {
    if (record.state == TcpState::close_wait) ++record.timer_round;  // the data acknowledges the peer's FIN
    if (record.in_doubt) {
      state.send_in_doubt(*found, bytes, now, effects);
    } else {
      state.send_payload(record, bytes, effects);
    }
  }
  return bytes;
}

// net/ipv4/tcp.c, tcp_recvmsg_locked.
Outcome<std::uint32_t> Host::receive_data(SocketId socket, SimTime /*now*/, Effects& /*effects*/) {
  State& state = *state_;
  const auto found = state.open_socket(socket);
  if (!found) return tl::unexpected(found.error());
  SocketRecord& record = state.sockets[*found];
  if (record.dgram) return state.receive_datagram(*found);
  if (record.state == TcpState::listen) return refuse(Error::enotconn, receive_rule);
  if (record.unread > 0) {
    const std::uint32_t bytes = record.unread;
    record.unread = 0;
    return bytes;
  }
  if (record.end_of_stream) return 0;
  if (const auto error = record.pending_error()) {
    record.error = 0;
    return refuse(*error, pending_rule);
  }
  if (record.receive_shut) return 0;
  if (record.state == TcpState::closed) return refuse(Error::enotconn, receive_rule);
  return refuse(Error::eagain, nothing_rule);
}

bool Host::readable(SocketId socket) const {
  const State& state = *state_;
  const auto found = state.open_socket(socket);
  if (!found) return true;
  const SocketRecord& record = state.sockets[*found];
  const SocketExtras* own = state.extras_if_any(record);
  if (record.dgram) return record.error != 0 || (own != nullptr && !own->datagrams.empty()) || record.receive_shut;
  if (record.state == TcpState::listen) return own != nullptr && own->queued > 0;
  return record.unread > 0 || record.end_of_stream || record.error != 0 || record.receive_shut ||
         record.state == TcpState::closed;
}

// net/ipv4/af_inet.c, inet_shutdown; net/ipv4/tcp.c, tcp_shutdown. A closed socket keeps the mark although the call
// fails. A listener ends listening when its reading side is shut; its writing side is nothing.
Outcome<void> Host::shutdown(SocketId socket, bool read, bool write, SimTime now, Effects& effects) {
  State& state = *state_;
  const auto found = state.open_socket(socket);
  if (!found) return tl::unexpected(found.error());
  const SocketIndex index = *found;
  SocketRecord& record = state.sockets[index];
  const auto mark = [&] {
    record.receive_shut = record.receive_shut || read;
    record.send_shut = record.send_shut || write;
  };
  if (record.dgram) {
    mark();
    if (record.state == TcpState::closed) return refuse(Error::enotconn, Rule::shutdown_not_connected);
    return {};
  }
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
      state.mark(read ? Rule::shutdown_ends_listening : Rule::shutdown_leaves_listening);
      if (!read || !state.rules().has(KernelRule::shutdown_ends_listening)) return {};
      [[fallthrough]];
    case TcpState::syn_sent:
      record.waiting = false;
      state.disconnect(index, now, effects);
      record.call_state = CallState::unconnected;
      return {};
    default:
      break;
  }
  mark();
  if (write && record.state != TcpState::syn_received) state.start_closing(index, now, effects);
  return {};
}

}  // namespace netlimits
