#include <chrono>

#include "model/host/host_state.hpp"
#include "model/tcp/syn_retransmission.hpp"
#include "model/tcp/time_wait.hpp"

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

void Host::deliver(const Segment& segment, SimTime now, Effects& effects) {
  State& state = *state_;
  if (!state.addresses.owns(AddressBits::of(segment.tuple.remote.address))) return;
  if (segment.protocol == Protocol::udp) {
    state.deliver_datagram(segment, effects);
  } else {
    state.deliver_stream(segment, now, effects);
  }
}

// Which device a segment came in on: what a host sends to itself comes in on loopback. Others come in on a device that
// no socket of this host is bound to, as far as the model knows.
// What goes to an address of another device comes from there, although it takes the way over loopback
// (net/ipv4/route.c, ip_route_output_key_hash_rcu, orig_oif); an ICMP error is looked up by the way that it took
// (net/ipv4/udp.c,
// __udp4_lib_err). That other device, and a wire, are never a socket's own here: 0.
std::uint8_t Host::State::arriving_device(const Segment& segment) const {
  if (!addresses.owns(AddressBits::of(segment.tuple.local.address))) return 0;
  const bool at_loopback = segment.by_loopback || segment.unreachable || config->addresses_on_loopback ||
                           segment.tuple.remote.address.is_loopback();
  return at_loopback ? loopback_device : 0;
}

void Host::State::deliver_stream(const Segment& segment, SimTime now, Effects& effects) {
  const FourTuple here = segment.tuple.reversed();
  const TupleKey key{AddressBits::of(here.local.address), AddressBits::of(here.remote.address), here.local.port.value,
                     here.remote.port.value};
  const SocketIndex index = tuples.find(sockets, key, [&](const SocketRecord& record) {
    return record.device == 0 || record.device == arriving_device(segment);
  });
  if (index == no_socket) return deliver_to_listener(segment, key, false, now, effects);
  const SocketRecord& record = sockets[index];
  if (record.counts_as_time_wait()) return deliver_to_time_wait(index, segment, now, effects);
  if (record.request) return deliver_to_request(index, segment, now, effects);
  if (record.state == TcpState::syn_sent || record.state == TcpState::syn_received)
    return deliver_to_connecting(index, segment, now, effects);
  deliver_to_connection(index, segment, now, effects);
}

void Host::State::connection_completed(SocketIndex index, Effects& effects) {
  SocketRecord& record = sockets[index];
  record.state = TcpState::established;
  record.retries = 0;
  ++record.timer_round;
  if (record.waiting) record.call_state = CallState::connected;
  record.waiting = false;
  if (record.descriptor) notify(index, NoticeKind::connected, effects);
}

// SYN_SENT, and the SYN_RECEIVED of a simultaneous open or of a connection to itself.
void Host::State::deliver_to_connecting(SocketIndex index, const Segment& segment, SimTime now, Effects& effects) {
  SocketRecord& record = sockets[index];
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
      connection_completed(index, effects);
    }
    mark_if(record.send_shut, Rule::shutdown_before_connection);
    if (record.send_shut) start_closing(index, now, effects);
    return take_payload_and_fin(index, segment, now, effects);
  }
  if (segment.syn && segment.ack) {
    record.timestamps = segment.timestamps && settings().timestamps;
    record.cookie = segment.cookie;
    record.in_doubt = segment.in_doubt;
    if (record.in_doubt) {
      extras_of(index).unacknowledged = 0;
      extras_of(index).held_back = 0;
    }
    connection_completed(index, effects);
    return send_ack(record, effects);
  }
  if (segment.syn && rules().has(KernelRule::syn_meets_syn)) {
    record.state = TcpState::syn_received;
    record.timestamps = segment.timestamps && settings().timestamps;
    ++record.timer_round;
    return send_synack(record, SynAckKind::sure, effects);
  }
  if (!segment.ack) return;
  // An ACK of something older: reset it, and try again at once.
  mark(Rule::connect_stale_answer);
  answer_with_reset(segment, effects);
  if (record.retries == 0) set_timer(index, TimerKind::syn_retransmission, now + hurried_syn, effects);
}

void Host::State::deliver_to_connection(SocketIndex index, const Segment& segment, SimTime now, Effects& effects) {
  SocketRecord& record = sockets[index];
  if (segment.rst) return reset_by_peer(index, now, effects);
  if (segment.syn) return send_ack(record, effects);  // challenge ACK; a repeated SYN+ACK is answered by it too
  if (segment.in_doubt || segment.repeated) send_ack(record, effects);  // its sender cannot know that we exist
  if (segment.repeated) return;
  if (segment.acks_fin) {
    switch (record.state) {
      case TcpState::fin_wait_1:
        if (segment.payload == 0 && !segment.fin) return enter_fin_wait_2(index, now, effects);
        record.state = TcpState::fin_wait_2;
        ++record.timer_round;
        break;
      case TcpState::closing:
        mark(Rule::time_wait_both_sides);
        return enter_time_wait(index, false, settings().time_wait, now, effects);
      case TcpState::last_ack:
        remember_peer(record);
        mark(Rule::close_second_side);
        return finish(index, now, effects);
      default:
        break;
    }
  }
  take_payload_and_fin(index, segment, now, effects);
}

void Host::State::take_payload_and_fin(SocketIndex index, const Segment& segment, SimTime now, Effects& effects) {
  SocketRecord& record = sockets[index];
  record.cookie = false;
  record.in_doubt = false;
  if (segment.payload > 0) {
    switch (record.state) {
      case TcpState::fin_wait_1:
      case TcpState::fin_wait_2:
        // Data after our side was closed for reading (RFC 1122, 4.2.2.13): reset.
        if (record.receive_shut) {
          mark(Rule::connection_data_after_close);
          send_reset(record, effects);
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
  send_ack(record, effects);
  if (before != TcpState::fin_wait_2) return;
  mark(Rule::time_wait_first_closer);
  enter_time_wait(index, false, settings().time_wait, now, effects);
}

// net/ipv4/tcp_minisocks.c, tcp_timewait_state_process; net/ipv4/tcp_ipv4.c, tcp_v4_rcv (do_time_wait).
void Host::State::deliver_to_time_wait(SocketIndex index, const Segment& segment, SimTime now, Effects& effects) {
  SocketRecord& entry = sockets[index];
  if (segment.rst) {
    mark_if(!entry.light, Rule::time_wait_ended_by_reset);
    return destroy_with_notice(index, effects);
  }
  if (entry.light) {
    if (segment.fin && segment.payload == 0) {
      mark(Rule::fin_wait_becomes_time_wait);
      entry.light = false;
      entry.state = TcpState::time_wait;
      entry.since = now;
      entry.end_of_stream = true;
      acknowledge_for_entry(entry, effects);
      set_timer(index, TimerKind::time_wait, now + settings().time_wait, effects);
      return time_wait_began(index);
    }
    if (segment.payload == 0 && !segment.syn) return;
    mark(Rule::fin_wait_data_resets);
    answer_with_reset(segment, effects);
    return destroy_with_notice(index, effects);
  }
  // A kernel asks for a newer sequence number or timestamp. Both are newer unless the SYN comes within a millisecond of
  // the end and from a socket that has had another connection before: that one's sequence goes on, and it is then a
  // matter of chance (measured on 6.18). Here the SYN is always newer.
  if (segment.syn && !segment.ack) {
    if (!rules().has(KernelRule::syn_takes_time_wait)) return;
    const TupleKey key{entry.local, entry.remote, entry.local_port, entry.remote_port};
    if (listeners.find(sockets, key, arriving_device(segment), nullptr).socket == no_socket) {
      mark(Rule::time_wait_syn_without_listener);
      return acknowledge_for_entry(entry, effects);
    }
    mark(Rule::time_wait_new_syn);
    destroy_with_notice(index, effects);
    return deliver_to_listener(segment, key, true, now, effects);
  }
  // Anything else begins the time anew; what is more than an ACK is acknowledged again.
  mark(Rule::time_wait_begins_anew);
  set_timer(index, TimerKind::time_wait, now + settings().time_wait, effects);
  if (segment.payload > 0 || segment.fin || segment.syn) acknowledge_for_entry(entry, effects);
}

}  // namespace netlimits
