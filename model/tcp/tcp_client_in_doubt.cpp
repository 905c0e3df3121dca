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
    record.retries = 0;
    set_timer(index, TimerKind::data_retransmission, now + data_timeout(0), effects);
  }
  output_.payload(record, bytes, effects);
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
  if (record.retries >= data_retransmissions ||
      (record.orphan && now - record.since >= orphan_patience(settings().orphan_retries))) {
    if (!record.orphan)
      return fail_connection(index, Refusal{rules().timed_out, std::nullopt, Rule::connect_timed_out}, now, effects);
    account_.mark(Rule::orphan_over);
    return destroy_with_notice(index, effects);
  }
  ++record.retries;
  account_.mark(Rule::connect_data_repeated);
  set_timer(index, TimerKind::data_retransmission, now + data_timeout(record.retries), effects);
  const SocketExtras& own = sockets_.extras_of(index);
  // The tail loss probe is the data that waits, if any does (net/ipv4/tcp_output.c, tcp_send_loss_probe): without the
  // first sequence number, and so without the cookie (measured on 6.18: the listener resets it).
  const bool probes_with_waiting_data = record.retries == 1 && own.held_back > 0;
  output_.repetition(record, own.unacknowledged, !probes_with_waiting_data, effects);
}

}  // namespace netlimits
