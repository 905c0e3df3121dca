#include <chrono>

#include "model/host_state.hpp"

namespace netlimits {
namespace {

// A tail loss probe after 0.2 s, the first retransmission timeout 0.2 s behind it, then doubling (net/ipv4/tcp_output.c
// tcp_schedule_loss_probe, tcp_timer.c tcp_retransmit_timer; a connection without delay).
Duration next_repetition(std::uint32_t repeated) {
  constexpr Duration shortest = std::chrono::milliseconds(200);
  return shortest * (1L << (repeated == 0 ? 0 : repeated - 1));
}
constexpr std::uint32_t most_repetitions = 15;  // tcp_retries2

}  // namespace

// A connection made from a cookie exists for its client as soon as the SYN+ACK has come. Its ACK may have found the
// accept queue full: then the listener knows nothing, and whatever the client sends is sent again until something comes
// back. A segment with the client's first sequence number brings the cookie along; any other is answered with a reset.

void Host::State::send_in_doubt(SocketIndex index, std::uint32_t bytes, SimTime now, Effects& effects) {
  SocketExtras& own = extras_of(index);
  const bool first = own.unacknowledged == 0;
  own.unacknowledged += bytes;
  if (!first) return;  // Nagle's algorithm: what follows a small segment waits for its ACK
  SocketRecord& record = sockets[index];
  record.retries = 0;
  set_timer(index, TimerKind::data_retransmission, now + next_repetition(0), effects);
  send_payload(record, bytes, effects);
}

void Host::State::finish_in_doubt(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets[index];
  const bool data_under_way = extras_of(index).unacknowledged > 0;
  if (!data_under_way) {
    record.retries = 0;
    set_timer(index, TimerKind::data_retransmission, now + next_repetition(0), effects);
  }
  send_fin(record, !data_under_way, effects);
}

void Host::State::data_timer(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets[index];
  if (!record.cookie) return;
  if (record.retries >= most_repetitions || (record.orphan && now - record.since >= orphan_patience())) {
    if (!record.orphan)
      return fail_connection(index, Refusal{rules().timed_out, std::nullopt, Rule::connect_timed_out}, now, effects);
    mark(Rule::orphan_over);
    return destroy_with_notice(index, effects);
  }
  ++record.retries;
  mark(Rule::connect_data_repeated);
  set_timer(index, TimerKind::data_retransmission, now + next_repetition(record.retries), effects);
  const std::uint32_t bytes = extras_of(index).unacknowledged;
  Segment segment = segment_of(record);
  segment.ack = true;
  segment.repeated = true;
  segment.payload = bytes;
  segment.fin = bytes == 0;
  send(record, segment, effects);
}

}  // namespace netlimits
