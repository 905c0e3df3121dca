#include <algorithm>
#include <chrono>

#include "model/host/host_state.hpp"
#include "model/tcp/data_retransmission.hpp"
#include "model/tcp/syn_retransmission.hpp"
#include "model/tcp/time_wait.hpp"

namespace netlimits {
namespace {

bool resets_when_cut(TcpState state) {  // net/ipv4/tcp.c, tcp_need_reset
  switch (state) {
    case TcpState::established:
    case TcpState::close_wait:
    case TcpState::fin_wait_1:
    case TcpState::fin_wait_2:
    case TcpState::syn_received:
      return true;
    default:
      return false;
  }
}

}  // namespace

// ---- segments that leave

Segment Host::State::segment_of(const SocketRecord& record) {
  Segment segment;
  segment.tuple.local = {record.local.on_the_wire(), Port{record.local_port}};
  segment.tuple.remote = {record.remote.on_the_wire(), Port{record.remote_port}};
  segment.timestamps = record.timestamps;
  segment.cookie = record.cookie;
  segment.in_doubt = record.in_doubt;
  segment.acks_fin = record.end_of_stream;
  return segment;
}

void Host::State::send(const SocketRecord& from, Segment segment, Effects& effects) const {
  if (!addresses.reached_by(from.device, from.remote)) return;
  if (from.speaks_v4 && !from.remote.is_mapped()) return mark(Rule::connection_mixed_families);
  segment.by_loopback = from.device == loopback_device;
  effects.segments.push_back(segment);
}

void Host::State::send_syn(const SocketRecord& record, Effects& effects) const {
  Segment segment = segment_of(record);
  segment.syn = true;
  segment.timestamps = settings().timestamps;
  send(record, segment, effects);
}

void Host::State::send_synack(const SocketRecord& record, SynAckKind kind, Effects& effects) const {
  Segment segment = segment_of(record);
  segment.syn = true;
  segment.ack = true;
  segment.cookie = kind == SynAckKind::cookie;
  segment.in_doubt = kind != SynAckKind::sure;
  send(record, segment, effects);
}

void Host::State::send_ack(const SocketRecord& record, Effects& effects) const {
  Segment segment = segment_of(record);
  segment.ack = true;
  send(record, segment, effects);
}

void Host::State::send_fin(const SocketRecord& record, bool cookie, Effects& effects) const {
  Segment segment = segment_of(record);
  segment.cookie = segment.cookie && cookie;
  segment.fin = true;
  segment.ack = true;
  send(record, segment, effects);
}

void Host::State::send_payload(const SocketRecord& record, std::uint32_t bytes, Effects& effects) const {
  Segment segment = segment_of(record);
  segment.ack = true;
  segment.payload = bytes;
  send(record, segment, effects);
}

void Host::State::send_reset(const SocketRecord& record, Effects& effects) const {
  Segment segment = segment_of(record);
  segment.rst = true;
  segment.ack = true;
  send(record, segment, effects);
}

void Host::State::answer_with_reset(const Segment& to, Effects& effects) const {
  if (to.rst) return;
  if (!answers(to.tuple)) return;
  Segment segment;
  segment.tuple = to.tuple.reversed();
  segment.rst = true;
  segment.ack = !to.ack;
  effects.segments.push_back(segment);
}

bool Host::State::answers(const FourTuple& from) const {
  if (addresses.answers(AddressBits::of(from.remote.address), AddressBits::of(from.local.address))) return true;
  mark(Rule::connection_no_answer_to_loopback);
  return false;
}

void Host::State::acknowledge_for_entry(const SocketRecord& entry, Effects& effects) const {
  const Segment segment = segment_of(entry);
  if (answers(segment.tuple.reversed())) send_ack(entry, effects);
}

void Host::State::set_timer(SocketIndex index, TimerKind kind, SimTime at, Effects& effects) {
  SocketRecord& record = sockets[index];
  ++record.timer_round;
  effects.timers.push_back({at, sockets.id(index), kind, record.timer_round});
}

void Host::State::notify(SocketIndex index, NoticeKind kind, Effects& effects, std::optional<Refusal> error) const {
  effects.notices.push_back({kind, sockets.id(index), sockets[index].user_data, error});
}

// ---- ends

void Host::State::set_closed(SocketIndex index) {
  SocketRecord& record = sockets[index];
  if (record.in_listeners) {
    const std::uint16_t port = record.held_port;
    listeners.erase(sockets, index);
    if (!views.empty() && !rules().connect_skips_bind_bound) recheck_port(port);
  }
  if (record.in_tuples) {
    tuples.erase(sockets, index);
    tuple_out(index);
  }
  ++record.timer_round;
  record.state = TcpState::closed;
  if (!record.port_locked && rules().has(KernelRule::idle_socket_gives_its_port_back)) release_port(index);
}

void Host::State::finish(SocketIndex index, SimTime now, Effects& effects) {
  set_closed(index);
  SocketRecord& record = sockets[index];
  record.send_shut = true;
  record.receive_shut = true;
  if (record.orphan) return destroy_with_notice(index, effects);
  if (!record.waiting) return;
  // A blocking connect() takes the error and leaves a fresh socket (net/ipv4/af_inet.c, __inet_stream_connect).
  if (record.error == 0)
    notify(index, NoticeKind::connect_failed, effects,
           Refusal{Error::econnaborted, std::nullopt, Rule::connect_outcome});
  record.waiting = false;
  record.error = 0;
  record.call_state = CallState::unconnected;
  disconnect(index, now, effects);
}

void Host::State::destroy(SocketIndex index) {
  SocketRecord& record = sockets[index];
  if (record.in_listeners) listeners.erase(sockets, index);
  if (record.in_tuples) {
    tuples.erase(sockets, index);
    tuple_out(index);
  }
  release_port(index);
  drop_extras(record);
  if (record.orphan) --orphans;
  if (record.counts_as_time_wait()) --time_waits;
  sockets.destroy(index);
}

void Host::State::destroy_with_notice(SocketIndex index, Effects& effects) {
  notify(index, NoticeKind::gone, effects);
  destroy(index);
}

void Host::State::disconnect(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets[index];
  const TcpState before = record.state;
  // The segments carry the connection's own name, which the closed state no longer has.
  const SocketRecord as_connected = record;
  if (before != TcpState::closed) set_closed(index);
  if (before == TcpState::listen) {
    stop_listening(index, now, effects);
  } else if (resets_when_cut(before)) {
    send_reset(as_connected, effects);
    record.set_error(Error::econnreset);
  } else if (before == TcpState::syn_sent) {
    record.set_error(Error::econnreset);
  }
  record.unread = 0;
  record.remote_port = 0;
  reset_local(index);
  record.send_shut = false;
  record.receive_shut = false;
  record.end_of_stream = false;
  record.data_came = false;
  record.cookie = false;
  record.in_doubt = false;
  record.retries = 0;
}

void Host::State::fail_connection(SocketIndex index, Refusal why, SimTime now, Effects& effects) {
  SocketRecord& record = sockets[index];
  record.set_error(why.error);
  if (!record.orphan) notify(index, NoticeKind::connect_failed, effects, why);
  finish(index, now, effects);
}

void Host::State::reset_by_peer(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets[index];
  const TcpState before = record.state;
  if (before == TcpState::closed) return;
  if (before == TcpState::syn_sent || before == TcpState::syn_received) {
    const bool refused = before == TcpState::syn_sent;
    const Error error = refused ? rules().connection_refused : rules().connection_reset;
    std::optional<Limit> limit;
    if (refused) limit = Limit::no_listener;
    return fail_connection(index, Refusal{error, limit, Rule::connect_refused}, now, effects);
  }
  mark(before == TcpState::close_wait ? Rule::connection_reset_after_fin : Rule::connection_reset);
  record.set_error(before == TcpState::close_wait ? Error::epipe : rules().connection_reset);
  if (record.descriptor)
    notify(index, NoticeKind::reset, effects, Refusal{*record.pending_error(), std::nullopt, Rule::connection_reset});
  finish(index, now, effects);
}

// ---- TIME_WAIT, FIN_WAIT_2, orphans

void Host::State::enter_time_wait(SocketIndex index, bool light, Duration lasting, SimTime now, Effects& effects) {
  remember_peer(sockets[index]);
  if (!light && !rules().has(KernelRule::active_closer_waits)) return finish(index, now, effects);
  // net/ipv4/inet_timewait_sock.c, inet_twsk_alloc: light FIN_WAIT_2 entries count too.
  if (time_waits >= settings().max_time_wait_buckets && rules().has(KernelRule::time_wait_buckets_are_bounded)) {
    ++counters.time_wait_overflows;
    mark(Rule::time_wait_no_room);
    return finish(index, now, effects);
  }
  SocketIndex entry = index;
  if (sockets[index].orphan) {
    --orphans;
    sockets[index].orphan = false;
    drop_extras(sockets[index]);
  } else {
    // The program still has its descriptor: the entry is a socket of its own.
    entry = sockets.create();
    const SocketRecord& from = sockets[index];
    SocketRecord& to = sockets[entry];
    to.local = from.local;
    to.remote = from.remote;
    to.process = from.process;
    to.local_port = from.local_port;
    to.remote_port = from.remote_port;
    to.device = from.device;
    to.inet6 = from.inet6;
    to.v6_only = from.v6_only;
    to.reuse_address = from.reuse_address;
    to.reuse_port = from.reuse_port;
    to.transparent = from.transparent;
    to.connect_bound = from.connect_bound;
    to.timestamps = from.timestamps;
    to.end_of_stream = from.end_of_stream;
    tuples.erase(sockets, index);
    tuples.insert(sockets, entry);
    if (from.held_port != 0) hold_port(entry, from.held_port, PortTable::Claim::join);
  }
  SocketRecord& record = sockets[entry];
  if (!rules().has(KernelRule::time_wait_keeps_its_port)) release_port(entry);
  record.state = light ? TcpState::fin_wait_2 : TcpState::time_wait;
  record.light = light;
  mark_if(light, Rule::fin_wait_light);
  record.since = now;
  record.error = 0;
  ++time_waits;
  peak_time_waits = std::max(peak_time_waits, time_waits);
  set_timer(entry, light ? TimerKind::fin_wait_2 : TimerKind::time_wait, now + lasting, effects);
  if (!light) time_wait_began(entry);
  if (entry != index) finish(index, now, effects);
}

void Host::State::enter_fin_wait_2(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets[index];
  record.state = TcpState::fin_wait_2;
  ++record.timer_round;
  if (!record.orphan) return;
  const FinWaitPlan plan = fin_wait_plan(settings().fin_timeout);
  if (plan.as_full_socket > Duration::zero()) {
    mark(Rule::fin_wait_full_socket_first);
    set_timer(index, TimerKind::fin_wait_2, now + plan.as_full_socket, effects);
  } else {
    enter_time_wait(index, true, plan.as_light_entry, now, effects);
  }
}

void Host::State::become_orphan(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets[index];
  record.orphan = true;
  record.receive_shut = true;
  record.send_shut = true;
  ++orphans;
  if (record.state == TcpState::fin_wait_2) {
    enter_fin_wait_2(index, now, effects);
    return;
  }
  if (too_many_orphans()) {  // net/ipv4/tcp.c, tcp_check_oom
    ++counters.orphan_resets;
    mark(Rule::orphan_too_many);
    send_reset(record, effects);
    destroy(index);
    return;
  }
  record.since = now;
  if (record.in_doubt) return;  // its repetitions come to an end by themselves
  set_timer(index, TimerKind::orphan, now + orphan_patience(settings().orphan_retries), effects);
}

// ---- close and shutdown

void Host::State::start_closing(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets[index];
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
  send_fin(record, true, effects);
}

void Host::State::stop_listening(SocketIndex index, SimTime now, Effects& effects) {
  // Half-open requests stay until their ACK or their timer finds no listener (inet_csk_listen_stop).
  if (extras_if_any(sockets[index]) == nullptr) return;
  SocketExtras& own = extras_of(index);
  SocketIndex child = own.queue_first;
  own.queue_first = no_socket;
  own.queue_last = no_socket;
  own.queued = 0;
  mark_if(child != no_socket, Rule::close_listener_resets_queue);
  while (child != no_socket) {
    const SocketIndex next = sockets[child].queue_next;
    if (rules().has(KernelRule::closed_listener_resets_its_queue)) disconnect(child, now, effects);
    destroy(child);
    child = next;
  }
}

void Host::State::close_last(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets[index];
  record.descriptor = false;
  record.waiting = false;
  if (record.dgram) return destroy(index);
  const TcpState before = record.state;
  if (before == TcpState::listen) {
    set_closed(index);
    stop_listening(index, now, effects);
    return destroy(index);
  }
  if (before == TcpState::closed) return destroy(index);
  const SocketExtras* own = extras_if_any(record);
  const bool linger_zero =
      record.linger && (own == nullptr || own->linger_seconds == 0) && rules().has(KernelRule::linger_zero_resets);
  // net/ipv4/tcp.c, __tcp_close: unread data first, then SO_LINGER 0, then the orderly end.
  if (record.unread > 0 && rules().has(KernelRule::unread_data_resets)) {
    mark(Rule::close_unread_resets);
    send_reset(record, effects);
    return destroy(index);
  }
  if (linger_zero) {
    mark(Rule::close_linger_resets);
    disconnect(index, now, effects);
    return destroy(index);
  }
  start_closing(index, now, effects);
  if (sockets[index].state == TcpState::closed) return destroy(index);
  become_orphan(index, now, effects);
}

// A host knows a peer when a connection to it has measured a round trip and ended in order (tcp_update_metrics). Only
// the SYN queue without syncookies asks.
void Host::State::remember_peer(const SocketRecord& record) {
  if (settings().syncookies != SynCookies::off) return;
  const auto at = std::lower_bound(known_peers.begin(), known_peers.end(), record.remote);
  if (at == known_peers.end() || *at != record.remote) known_peers.insert(at, record.remote);
}

}  // namespace netlimits
