// A client whose connection may be known to nobody: what it sends, and sends again, until something comes back.
//
// A connection exists for its client as soon as the SYN+ACK has come. Its ACK may have found the accept queue full:
// then the listener has a request at most, and whatever the client sends is sent again until something comes back. Of a
// connection made from a cookie the listener knows nothing at all: a segment with the client's first sequence number
// brings the cookie along; any other is answered with a reset.
#include "model/tcp/data_retransmission.hpp"
#include "model/tcp/tcp_stack.hpp"

namespace netlimits {

void TcpStack::send_in_doubt(SocketIndex index, std::uint32_t bytes, SimTime now, Effects& effects) {
  SocketExtras& own = sockets_.extras_of(index);
  SocketRecord& record = sockets_[index];
  const bool first = own.unacknowledged == 0;
  // Nagle's algorithm: what follows a small segment waits for its ACK. A request keeps what comes, whenever it comes.
  if (!first && record.cookie) {
    own.held_back += bytes;
    return;
  }
  own.unacknowledged += bytes;
  if (first) {
    own.never_left = false;
    record.retries = 0;
    set_timer(index, TimerKind::data_retransmission, now + data_timeout(0), effects);
  }
  if (!own.never_left) output_.payload(record, bytes, effects);
}

// What found no way out of the host (the socket was bound to another device) is sent again and again as well.
void TcpStack::keep_for_later(SocketIndex index, std::uint32_t bytes, SimTime now, Effects& effects) {
  SocketExtras& own = sockets_.extras_of(index);
  SocketRecord& record = sockets_[index];
  record.in_doubt = true;
  own.unacknowledged = bytes;
  own.held_back = 0;
  own.never_left = true;
  record.retries = 0;
  set_timer(index, TimerKind::data_retransmission, now + data_timeout(0), effects);
}

void TcpStack::finish_in_doubt(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets_[index];
  const bool data_under_way = sockets_.extras_of(index).unacknowledged > 0;
  if (!data_under_way) {
    record.retries = 0;
    set_timer(index, TimerKind::data_retransmission, now + data_timeout(0), effects);
  }
  output_.fin(record, !data_under_way, effects);
}

void TcpStack::data_timer(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets_[index];
  if (!record.in_doubt) return;
  SocketExtras& own = sockets_.extras_of(index);
  // The first repetition is a tail loss probe, which is no timeout.
  const Duration patience = user_timeout(record);
  const Duration repeated_for = record.retries >= 2 ? Duration(now - own.repeated_since) : Duration::zero();
  const bool too_long = patience > Duration::zero() && record.retries >= 2 && repeated_for >= patience;
  if (account_.decides(Rule::connection_user_timeout, too_long) || record.retries >= data_retransmissions ||
      (record.orphan && now - record.since >= orphan_patience(settings().orphan_retries))) {
    if (!record.orphan)
      return fail_connection(index, Refusal{rules().timed_out, std::nullopt, Rule::connect_timed_out}, now, effects);
    account_.mark(Rule::orphan_over);
    return destroy_with_notice(index, effects);
  }
  ++record.retries;
  account_.mark(Rule::connect_data_repeated);
  if (record.retries == 2) own.repeated_since = now;
  const Duration pause = record.retries < 2 ? data_timeout(record.retries)
                                            : within_user_timeout(data_timeout(record.retries), patience, repeated_for);
  set_timer(index, TimerKind::data_retransmission, now + pause, effects);
  if (own.never_left && own.unacknowledged > 0) {
    own.never_left = !output_.payload(record, own.unacknowledged, effects);
    return;
  }
  // The tail loss probe is the data that waits, if any does (net/ipv4/tcp_output.c, tcp_send_loss_probe): without the
  // first sequence number, and so without the cookie (measured on 6.18: the listener resets it).
  const bool probes_with_waiting_data = record.retries == 1 && own.held_back > 0;
  output_.repetition(record, own.unacknowledged, !probes_with_waiting_data, effects);
}

}  // namespace netlimits
