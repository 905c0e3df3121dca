#include "model/data_retransmission.hpp"
#include "model/host_state.hpp"

namespace netlimits {

// A connection exists for its client as soon as the SYN+ACK has come. Its ACK may have found the accept queue full:
// then the listener has a request at most, and whatever the client sends is sent again until something comes back. Of a
// connection made from a cookie the listener knows nothing at all: a segment with the client's first sequence number
// brings the cookie along; any other is answered with a reset.

void Host::State::send_in_doubt(SocketIndex index, std::uint32_t bytes, SimTime now, Effects& effects) {
  SocketExtras& own = extras_of(index);
  const bool first = own.unacknowledged == 0;
  own.unacknowledged += bytes;
  if (!first) return;  // Nagle's algorithm: what follows a small segment waits for its ACK
  SocketRecord& record = sockets[index];
  record.retries = 0;
  set_timer(index, TimerKind::data_retransmission, now + data_timeout(0), effects);
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
  const std::uint32_t bytes = extras_of(index).unacknowledged;
  Segment segment = segment_of(record);
  segment.ack = true;
  segment.repeated = true;
  segment.payload = bytes;
  segment.fin = bytes == 0;
  send(record, segment, effects);
}

}  // namespace netlimits
