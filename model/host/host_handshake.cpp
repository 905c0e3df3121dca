#include <algorithm>

#include "model/host/host_state.hpp"
#include "model/tcp/accept_queue.hpp"
#include "model/tcp/syn_queue.hpp"
#include "model/tcp/syn_retransmission.hpp"

namespace netlimits {
namespace {

// A cookie is good for so long (net/ipv4/syncookies.c, tcp_synq_no_recent_overflow: twice TCP_SYNCOOKIE_PERIOD).
constexpr Duration cookie_lasting = std::chrono::seconds(120);

}  // namespace

SocketIndex Host::State::listener_of(const SocketRecord& request) const {
  if (!sockets.knows({request.parent(), request.parent_generation()})) return no_socket;
  return sockets[request.parent()].state == TcpState::listen ? request.parent() : no_socket;
}

bool Host::State::accept_queue_full(const SocketRecord& listener) const {
  const SocketExtras& own = extras[listener.extras];
  return own.queued >= accept_queue_capacity(rules().accept_queue, own.backlog);
}

// A queue of the listener has no room for what the segment asks for.
void Host::State::overflow(SocketIndex listener, Limit queue, const Segment& segment, Effects& effects) {
  ++(queue == Limit::syn_backlog ? counters.syn_queue_drops : counters.listen_overflows);
  ++counters.listen_drops;
  const SocketRecord& record = sockets[listener];
  const Endpoint at{record.local.spelled(record.family()), Port{record.local_port}};
  effects.drops.push_back({queue, sockets.id(listener), at, segment.tuple});
}

void Host::State::drop_request(SocketIndex index) {
  SocketRecord& request = sockets[index];
  if (sockets.knows({request.parent(), request.parent_generation()})) {
    SocketExtras& own = extras[sockets[request.parent()].extras];
    --own.half_open;
    if (request.retries == 0) --own.young;
  }
  request.forget_parent();
  destroy(index);
}

// A segment for which there is no connection: a SYN, or the ACK of a cookie, or nothing that belongs here.
void Host::State::deliver_to_listener(const Segment& segment, const TupleKey& key, bool over_time_wait, SimTime now,
                                      Effects& effects) {
  if (segment.rst) return;
  const auto [listener, by] = listeners.find(sockets, key, arriving_device(segment), config->group_draws.get());
  mark(by);
  if (listener == no_socket) return answer_with_reset(segment, effects);
  if (segment.syn && !segment.ack) return deliver_syn(listener, segment, over_time_wait, now, effects);
  const SocketExtras& own = extras[sockets[listener].extras];
  const bool cookie_good = segment.cookie && !segment.syn && settings().syncookies != SynCookies::off &&
                           own.last_cookie != SimTime::min() && now - own.last_cookie <= cookie_lasting;
  if (!cookie_good) {
    mark_if(segment.cookie && !segment.syn, Rule::syn_queue_cookie_refused);
    return answer_with_reset(segment, effects);
  }
  if (accept_queue_full(sockets[listener])) {
    mark(Rule::accept_queue_cookie_lost);
    return overflow(listener, Limit::listen_backlog, segment, effects);
  }
  mark(Rule::syn_queue_cookie_returns);
  make_child(listener, no_socket, segment, now, effects);
}

void Host::State::deliver_syn(SocketIndex listener, const Segment& segment, bool over_time_wait, SimTime now,
                              Effects& effects) {
  SocketExtras& own = extras[sockets[listener].extras];
  SynQueueState queue;
  queue.backlog = own.backlog;
  queue.half_open = own.half_open;
  queue.accept_queue_full = accept_queue_full(sockets[listener]);
  queue.over_time_wait = over_time_wait;
  queue.known_peer =
      std::binary_search(known_peers.begin(), known_peers.end(), AddressBits::of(segment.tuple.local.address));
  const SynAnswer answer = answer_to_syn(queue, settings(), rules());
  switch (answer) {
    case SynAnswer::half_open_full:
    case SynAnswer::strangers_full:
      mark(answer == SynAnswer::half_open_full ? Rule::syn_queue_full : Rule::syn_queue_strangers);
      return overflow(listener, Limit::syn_backlog, segment, effects);
    case SynAnswer::accept_queue_full:
      mark(Rule::accept_queue_full);
      overflow(listener, Limit::listen_backlog, segment, effects);
      if (rules().full_queue_refuses) answer_with_reset(segment, effects);
      return;
    case SynAnswer::cookie:
      break;
    case SynAnswer::keep:
      mark_if(left_to_known_peers(queue, settings()), Rule::syn_queue_known_peer);
      break;
  }
  const SocketIndex index = sockets.create();
  SocketRecord& request = sockets[index];
  const SocketRecord& of = sockets[listener];
  request.request = true;
  request.state = TcpState::syn_received;
  request.inet6 = of.inet6;
  request.process = of.process;
  request.device = of.device;
  request.set_parent(listener, of.generation);
  request.local = AddressBits::of(segment.tuple.remote.address);
  request.local_port = segment.tuple.remote.port.value;
  request.remote = AddressBits::of(segment.tuple.local.address);
  request.remote_port = segment.tuple.local.port.value;
  request.timestamps = segment.timestamps && settings().timestamps;
  // Those that are ahead may fill the queue before this one's ACK comes.
  const std::uint64_t ahead = std::uint64_t{own.queued} + own.half_open;
  const bool in_doubt = ahead >= accept_queue_capacity(rules().accept_queue, own.backlog);
  send_synack(request,
              answer == SynAnswer::cookie ? SynAckKind::cookie
              : in_doubt                  ? SynAckKind::in_doubt
                                          : SynAckKind::sure,
              effects);
  if (answer == SynAnswer::cookie) {
    mark(settings().syncookies == SynCookies::always ? Rule::syn_queue_cookie_always : Rule::syn_queue_cookie);
    ++counters.syncookies_sent;
    own.last_cookie = now;
    sockets.destroy(index);
    return;
  }
  tuples.insert(sockets, index);
  tuple_in(index);
  ++own.half_open;
  ++own.young;
  set_timer(index, TimerKind::synack_retransmission, now + synack_timeout(0), effects);
}

// net/ipv4/tcp_minisocks.c, tcp_check_req.
void Host::State::deliver_to_request(SocketIndex index, const Segment& segment, SimTime now, Effects& effects) {
  SocketRecord& request = sockets[index];
  const SocketIndex listener = listener_of(request);
  if (listener == no_socket) {
    const TupleKey key{request.local, request.remote, request.local_port, request.remote_port};
    mark(Rule::syn_queue_listener_gone);
    drop_request(index);
    return deliver_to_listener(segment, key, false, now, effects);
  }
  if (segment.rst) return drop_request(index);
  if (segment.syn && !segment.ack) {
    send_synack(request, SynAckKind::sure, effects);
    set_timer(index, TimerKind::synack_retransmission, now + synack_timeout(request.retries), effects);
    return;
  }
  if (!segment.ack) return;
  if (!accept_queue_full(sockets[listener])) return make_child(listener, index, segment, now, effects);
  overflow(listener, Limit::listen_backlog, segment, effects);
  mark(settings().abort_on_overflow ? Rule::accept_queue_ack_reset : Rule::accept_queue_ack_ignored);
  if (settings().abort_on_overflow) {
    answer_with_reset(segment, effects);
    return drop_request(index);
  }
  // The client believes in the connection and repeats what it sent until it is acknowledged: kept for it here.
  if (segment.repeated) return;
  request.unread += segment.payload;
  request.fin_waits = request.fin_waits || segment.fin;
}

// The handshake is complete: a full socket, in the accept queue. Requires: there is room.
void Host::State::make_child(SocketIndex listener, SocketIndex request, const Segment& segment, SimTime now,
                             Effects& effects) {
  Segment arrived = segment;
  SocketIndex child = request;
  if (request == no_socket) {
    child = sockets.create();
    SocketRecord& fresh = sockets[child];
    fresh.local = AddressBits::of(segment.tuple.remote.address);
    fresh.local_port = segment.tuple.remote.port.value;
    fresh.remote = AddressBits::of(segment.tuple.local.address);
    fresh.remote_port = segment.tuple.local.port.value;
    fresh.timestamps = segment.timestamps;
    tuples.insert(sockets, child);
    tuple_in(child);
  } else {
    SocketRecord& half = sockets[request];
    SocketExtras& own = extras[sockets[listener].extras];
    --own.half_open;
    if (half.retries == 0) --own.young;
    // Repeated data is all of it, the request's share too.
    if (!segment.repeated || segment.payload == 0) arrived.payload += half.unread;
    arrived.fin = arrived.fin || half.fin_waits;
    half.unread = 0;
    half.fin_waits = false;
    half.request = false;
    half.forget_parent();
    half.retries = 0;
    ++half.timer_round;
  }
  const SocketRecord& from = sockets[listener];
  SocketRecord& record = sockets[child];
  record.process = from.process;
  record.inet6 = from.inet6;
  record.v6_only = from.v6_only;
  record.device = from.device;
  const bool inherits = rules().has(KernelRule::accepted_connection_inherits_reuse);
  record.reuse_address = inherits && from.reuse_address;
  record.reuse_port = inherits && from.reuse_port;
  record.bind_no_port = from.bind_no_port;
  record.free_bind = from.free_bind;
  record.transparent = from.transparent;
  record.linger = from.linger;
  record.address_locked = from.address_locked;
  record.speaks_v4 = from.speaks_v4 || (record.inet6 && record.remote.is_mapped());
  if (const SocketExtras* own = extras_if_any(from); own->port_range != 0 || own->linger_seconds != 0) {
    const std::uint32_t range = own->port_range;
    const std::uint32_t linger = own->linger_seconds;
    SocketExtras& copy = extras_of(child);
    copy.port_range = range;
    copy.linger_seconds = linger;
  }
  record.state = TcpState::established;
  record.send_shut = from.send_shut;
  record.receive_shut = from.receive_shut;
  if (rules().has(KernelRule::accepted_connection_owns_its_port))
    hold_port(child, record.local_port, PortTable::Claim::join);
  queue_child(listener, child, effects);
  mark_if(record.send_shut, Rule::shutdown_before_connection);
  if (record.send_shut) start_closing(child, now, effects);
  take_payload_and_fin(child, arrived, now, effects);
  if (segment.in_doubt && (segment.payload > 0 || segment.repeated)) send_ack(sockets[child], effects);
}

void Host::State::queue_child(SocketIndex listener, SocketIndex child, Effects& effects) {
  SocketExtras& own = extras[sockets[listener].extras];
  SocketRecord& record = sockets[child];
  record.queued = true;
  record.queue_next = no_socket;
  if (own.queue_last == no_socket) {
    own.queue_first = child;
  } else {
    sockets[own.queue_last].queue_next = child;
  }
  own.queue_last = child;
  ++own.queued;
  notify(listener, NoticeKind::acceptable, effects);
}

}  // namespace netlimits
