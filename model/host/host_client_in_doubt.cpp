#include "model/host/host_state.hpp"
#include "model/tcp/data_retransmission.hpp"

namespace netlimits {

// A connection exists for its client as soon as the SYN+ACK has come. Its ACK may have found the accept queue full:
// then the listener has a request at most, and whatever the client sends is sent again until something comes back. Of a
// connection made from a cookie the listener knows nothing at all: a segment with the client's first sequence number
// brings the cookie along; any other is answered with a reset.

void Host::State::send_in_doubt(SocketIndex index, std::uint32_t bytes, SimTime now, Effects& effects) {
  SocketExtras& own = extras_of(index);
  SocketRecord& record = sockets[index];
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
  send_payload(record, bytes, effects);
}

void Host::State::finish_in_doubt(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets[index];
  const bool data_under_way = extras_of(index).unacknowledged > 0;
  if (!data_under_way) {
    record.retries = 0;
    set_timer(index, TimerKind::data_retransmission, now + data_timeout(0), effects);
  }
  send_fin(record, !data_under_way, effects);
}

void Host::State::data_timer(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets[index];
  if (!record.in_doubt) return;
  if (record.retries >= data_retransmissions ||
      (record.orphan && now - record.since >= orphan_patience(settings().orphan_retries))) {
    if (!record.orphan)
      return fail_connection(index, Refusal{rules().timed_out, std::nullopt, Rule::connect_timed_out}, now, effects);
    mark(Rule::orphan_over);
    return destroy_with_notice(index, effects);
  }
  ++record.retries;
  mark(Rule::connect_data_repeated);
  set_timer(index, TimerKind::data_retransmission, now + data_timeout(record.retries), effects);
  const SocketExtras& own = extras_of(index);
  const std::uint32_t bytes = own.unacknowledged;
  Segment segment = segment_of(record);
  // The tail loss probe is the data that waits, if any does (net/ipv4/tcp_output.c, tcp_send_loss_probe): without the
  // first sequence number, and so without the cookie (measured on 6.18: the listener resets it).
  if (record.retries == 1 && own.held_back > 0) segment.cookie = false;
  segment.ack = true;
  segment.repeated = true;
  segment.payload = bytes;
  segment.fin = bytes == 0;
  send(record, segment, effects);
}

}  // namespace netlimits
