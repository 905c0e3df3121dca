// Segments that arrive for a connection, and the timer of a SYN that nobody answers.
#include "model/tcp/data_retransmission.hpp"
#include "model/tcp/syn_retransmission.hpp"
#include "model/tcp/tcp_stack.hpp"
#include "model/tcp/time_wait.hpp"
#include "model/tcp/timer_wheel.hpp"

namespace netlimits {
namespace {

// A SYN that met something old is repeated at once, when that is out of the way (net/ipv4/tcp_input.c,
// tcp_rcv_synsent_state_process: TCP_TIMEOUT_MIN, two ticks of a 250 Hz clock). Measured on 6.18: 9 to 16 ms.
constexpr Duration hurried_syn = std::chrono::milliseconds(12);

// The first FIN is not acknowledged at once: the program may have something to say with it (net/ipv4/tcp_input.c
// tcp_fin turns the connection interactive; tcp_output.c tcp_send_delayed_ack). The delay is TCP_DELACK_MIN once data
// has come, and otherwise the next tick of the clock. So the other side stays in FIN_WAIT_1 for so long: measured
// on 6.18, 40 to 50 ms with data and 0.6 to 8 ms without. The FIN of the second side is acknowledged at once.
constexpr Duration delayed_ack = std::chrono::milliseconds(40);
constexpr Duration next_tick = std::chrono::milliseconds(4);

}  // namespace

void TcpStack::deliver(const Segment& segment, SimTime now, Effects& effects) {
  const FourTuple here = segment.tuple.reversed();
  const TupleKey key{AddressBits::of(here.local.address), AddressBits::of(here.remote.address), here.local.port.value,
                     here.remote.port.value};
  const SocketIndex index = ports_.receiver(key, [&] { return addresses_.arriving_device(segment); });
  if (index == no_socket) return deliver_to_listener(segment, key, false, now, effects);
  const SocketRecord& record = sockets_[index];
  if (record.counts_as_time_wait()) return deliver_to_time_wait(index, segment, now, effects);
  if (record.request) return deliver_to_request(index, segment, now, effects);
  if (record.state == TcpState::syn_sent || record.state == TcpState::syn_received)
    return deliver_to_connecting(index, segment, now, effects);
  deliver_to_connection(index, segment, now, effects);
}

void TcpStack::on_timer(SocketIndex index, TimerKind kind, SimTime now, Effects& effects) {
  SocketRecord& record = sockets_[index];
  switch (kind) {
    case TimerKind::syn_retransmission:
      return syn_timer(index, now, effects);
    case TimerKind::synack_retransmission:
      return synack_timer(index, now, effects);
    case TimerKind::time_wait:
      account_.mark(Rule::time_wait_over);
      return destroy_with_notice(index, effects);
    case TimerKind::orphan:
      account_.mark(Rule::orphan_over);
      return destroy_with_notice(index, effects);
    case TimerKind::delayed_ack:
      account_.mark(Rule::close_delayed_ack);
      return output_.ack(record, effects);
    case TimerKind::data_retransmission:
      return data_timer(index, now, effects);
    case TimerKind::fin_wait_2:
      account_.mark_if(record.light, Rule::fin_wait_over);
      if (record.light) return destroy_with_notice(index, effects);
      return enter_time_wait(index, true, fin_wait_plan(fin_timeout(record)).as_light_entry, now, effects);
    case TimerKind::keep_alive:
      return keep_alive_timer(index, now, effects);
  }
}

void TcpStack::syn_timer(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets_[index];
  if (syn_expired(record, now))
    return fail_connection(index, Refusal{rules().timed_out, std::nullopt, Rule::connect_timed_out}, now, effects);
  // The next one counts from when this one was due, not from the end of its slot: the documented times are kept.
  const bool adds_up = configuration_.given().late_timeouts;
  const SimTime due = adds_up ? now : std::min(now, record.since + syn_due(record.retries, settings(), rules()));
  ++record.retries;
  account_.mark(Rule::connect_syn_repeated);
  output_.syn(record, settings().timestamps, effects);
  const Duration pause =
      within_user_timeout(syn_timeout(record.retries, settings(), rules()), user_timeout(record), due - record.since);
  wait_for_syn_timeout(index, due, pause, effects);
}

// SYNs that are sent again come together; connect() gives up when it is said to.
void TcpStack::wait_for_syn_timeout(SocketIndex index, SimTime from, Duration timeout, Effects& effects) {
  const SocketRecord& record = sockets_[index];
  const SocketPatience& own = patience_of(record);
  const std::uint32_t retries = own.syn_count != 0 ? own.syn_count : settings().syn_retries;
  const bool last = own.user_timeout != 0 || record.retries >= syn_retransmissions(retries, settings(), rules());
  const SimTime due = from + timeout;
  const bool in_slots = (!last || configuration_.given().late_timeouts) && rules().has(Rule::connect_repeated_together);
  set_timer(index, TimerKind::syn_retransmission, in_slots ? timer_runs_off(due, timeout) : due, effects);
}

// SYN_SENT, and the SYN_RECEIVED of a simultaneous open or of a connection to itself.
void TcpStack::deliver_to_connecting(SocketIndex index, const Segment& segment, SimTime now, Effects& effects) {
  SocketRecord& record = sockets_[index];
  if (segment.rst) {  // one that acknowledges nothing was not meant for this SYN
    if (record.state == TcpState::syn_sent && !segment.ack) return;
    return reset_by_peer(index, now, effects);
  }
  if (record.state == TcpState::syn_received) {
    if (!segment.ack) return;
    // A mark that shutdown() left on the closed socket counts from here on, though not after an ordinary handshake
    // (net/ipv4/tcp_input.c, tcp_rcv_state_process: TCP_SYN_RECV). A connection to itself is then over before its
    // connect() looks.
    const bool over_at_once = record.send_shut && record.local == record.remote;
    if (over_at_once) {
      record.state = TcpState::established;
    } else {
      connection_completed(index, now, effects);
    }
    account_.mark_if(record.send_shut, Rule::shutdown_before_connection);
    if (record.send_shut) start_closing(index, now, effects);
    return take_payload_and_fin(index, segment, now, effects);
  }
  if (segment.syn && segment.ack) {
    record.timestamps = segment.timestamps && settings().timestamps;
    record.cookie = segment.cookie;
    record.in_doubt = segment.in_doubt;
    if (record.in_doubt) {
      SocketExtras& own = sockets_.extras_of(index);
      own.unacknowledged = 0;
      own.held_back = 0;
    }
    connection_completed(index, now, effects);
    return output_.ack(record, effects);
  }
  if (segment.syn && rules().has(Rule::connect_self)) {
    record.state = TcpState::syn_received;
    record.timestamps = segment.timestamps && settings().timestamps;
    ++record.timer_round;
    return output_.synack(record, SynAckKind::sure, effects);
  }
  if (!segment.ack) return;
  // An ACK of something older: reset it, and try again at once.
  account_.mark(Rule::connect_stale_answer);
  output_.answer_with_reset(segment, effects);
  if (record.retries == 0) set_timer(index, TimerKind::syn_retransmission, now + hurried_syn, effects);
}

void TcpStack::deliver_to_connection(SocketIndex index, const Segment& segment, SimTime now, Effects& effects) {
  SocketRecord& record = sockets_[index];
  if (segment.rst) return reset_by_peer(index, now, effects);
  // A challenge ACK; a repeated SYN+ACK is answered by it too.
  if (segment.syn) return output_.ack(record, effects);
  if (segment.probe) return output_.answer_probe(record, effects);
  peer_heard(index, now);
  if (segment.probed) return;
  if (segment.in_doubt || segment.repeated) output_.ack(record, effects);  // its sender cannot know that we exist
  if (segment.repeated) return;
  if (segment.acks_fin) {
    switch (record.state) {
      case TcpState::fin_wait_1:
        if ((segment.payload == 0 && !segment.fin) || (record.orphan && leaves_no_fin_wait(record)))
          return enter_fin_wait_2(index, now, effects);
        record.state = TcpState::fin_wait_2;
        ++record.timer_round;
        break;
      case TcpState::closing:
        account_.mark(Rule::time_wait_both_sides);
        return enter_time_wait(index, false, settings().time_wait, now, effects);
      case TcpState::last_ack:
        remember_peer(record);
        account_.mark(Rule::close_second_side);
        return finish(index, now, effects);
      default:
        break;
    }
  }
  take_payload_and_fin(index, segment, now, effects);
}

void TcpStack::take_payload_and_fin(SocketIndex index, const Segment& segment, SimTime now, Effects& effects) {
  SocketRecord& record = sockets_[index];
  record.cookie = false;
  record.in_doubt = false;
  if (segment.payload > 0) {
    switch (record.state) {
      case TcpState::fin_wait_1:
      case TcpState::fin_wait_2:
        // Data after our side was closed for reading (RFC 1122, 4.2.2.13): reset.
        if (record.receive_shut) {
          account_.mark(Rule::connection_data_after_close);
          output_.reset(record, effects);
          return reset_by_peer(index, now, effects);
        }
        [[fallthrough]];
      case TcpState::established:
        record.unread += segment.payload;
        record.data_came = true;
        if (record.descriptor) notify(index, NoticeKind::readable, effects);
        break;
      default:
        break;
    }
  }
  if (!segment.fin) return;
  const TcpState before = record.state;
  switch (before) {
    case TcpState::established:
      record.state = TcpState::close_wait;
      break;
    case TcpState::fin_wait_1:
      record.state = TcpState::closing;
      break;
    case TcpState::fin_wait_2:
      break;
    default:
      return;
  }
  record.end_of_stream = true;
  record.receive_shut = true;
  if (record.descriptor) notify(index, NoticeKind::peer_closed, effects);
  if (before == TcpState::established)
    return set_timer(index, TimerKind::delayed_ack, now + (record.data_came ? delayed_ack : next_tick), effects);
  output_.ack(record, effects);
  if (before != TcpState::fin_wait_2) return;
  account_.mark(Rule::time_wait_first_closer);
  enter_time_wait(index, false, settings().time_wait, now, effects);
}

}  // namespace netlimits
