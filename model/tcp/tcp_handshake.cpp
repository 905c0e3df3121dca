// A listener's side of the handshake: SYNs, requests, cookies, and the connections that come of them.
#include <boost/assert.hpp>

#include "model/tcp/listen_queues.hpp"
#include "model/tcp/syn_queue.hpp"
#include "model/tcp/syn_retransmission.hpp"
#include "model/tcp/tcp_stack.hpp"

namespace netlimits {
namespace {

// A cookie is good for so long (net/ipv4/syncookies.c, tcp_synq_no_recent_overflow: twice TCP_SYNCOOKIE_PERIOD).
constexpr Duration cookie_lasting = std::chrono::seconds(120);

// The connection of a segment that arrives, as this host sees it.
void name_after(SocketRecord& record, const Segment& segment) {
  record.local = AddressBits::of(segment.tuple.remote.address);
  record.local_port = segment.tuple.remote.port.value;
  record.remote = AddressBits::of(segment.tuple.local.address);
  record.remote_port = segment.tuple.local.port.value;
}

}  // namespace

SocketIndex TcpStack::listener_of(const SocketRecord& request) const {
  if (!sockets_.knows({request.parent(), request.parent_generation()})) return no_socket;
  return sockets_[request.parent()].state == TcpState::listen ? request.parent() : no_socket;
}

// A queue of the listener has no room for what the segment asks for.
void TcpStack::overflow(SocketIndex listener, Limit queue, const Segment& segment, Effects& effects) {
  ++(queue == Limit::syn_backlog ? counters_.syn_queue_drops : counters_.listen_overflows);
  ++counters_.listen_drops;
  const SocketRecord& record = sockets_[listener];
  const Endpoint at{record.local.spelled(record.family()), Port{record.local_port}};
  const bool opening = segment.syn && !segment.ack;
  const bool answered = opening && queue == Limit::listen_backlog && rules().has(Rule::accept_queue_refuses);
  effects.drops.push_back({queue, sockets_.id(listener), at, segment.tuple, opening, answered});
}

void TcpStack::drop_request(SocketIndex index) {
  SocketRecord& request = sockets_[index];
  // A listener that has become something else counts them still, as long as it is more than a TIME_WAIT entry.
  if (sockets_.knows({request.parent(), request.parent_generation()}) && sockets_.has_extras(request.parent()))
    leave_syn_queue(sockets_.extras(request.parent()), request);
  request.forget_parent();
  destroy(index);
}

// A segment for which there is no connection: a SYN, or the ACK of a cookie, or nothing that belongs here.
void TcpStack::deliver_to_listener(const Segment& segment, const TupleKey& key, bool over_time_wait, SimTime now,
                                   Effects& effects) {
  if (segment.rst) return;
  const auto [listener, by] = ports_.listener_for(key, addresses_.arriving_device(segment), group_draws());
  account_.mark(by);
  if (listener == no_socket) return output_.answer_with_reset(segment, effects);
  if (segment.syn && !segment.ack) return deliver_syn(listener, segment, over_time_wait, now, effects);
  const SocketExtras& own = sockets_.extras(listener);
  const bool cookie_good = segment.cookie && !segment.syn && settings().syncookies != SynCookies::off &&
                           own.last_cookie != SimTime::min() && now - own.last_cookie <= cookie_lasting;
  if (!cookie_good) {
    account_.mark_if(segment.cookie && !segment.syn, Rule::syn_queue_cookie_refused);
    return output_.answer_with_reset(segment, effects);
  }
  if (accept_queue_full(own, rules())) {
    account_.mark(Rule::accept_queue_cookie_lost);
    return overflow(listener, Limit::listen_backlog, segment, effects);
  }
  account_.mark(Rule::syn_queue_cookie_returns);
  make_child(listener, no_socket, segment, now, effects);
}

// net/ipv4/tcp_input.c, tcp_conn_request.
void TcpStack::deliver_syn(SocketIndex listener, const Segment& segment, bool over_time_wait, SimTime now,
                           Effects& effects) {
  SocketExtras& own = sockets_.extras(listener);
  const bool known_peer = known_peers_.knows(AddressBits::of(segment.tuple.local.address));
  const SynQueueState queue = syn_queue_state(own, over_time_wait, known_peer, rules());
  const SynAnswer answer = answer_to_syn(queue, settings(), rules());
  switch (answer) {
    case SynAnswer::half_open_full:
    case SynAnswer::strangers_full:
      account_.mark(answer == SynAnswer::half_open_full ? Rule::syn_queue_full : Rule::syn_queue_strangers);
      return overflow(listener, Limit::syn_backlog, segment, effects);
    case SynAnswer::accept_queue_full:
      account_.mark(Rule::accept_queue_full);
      overflow(listener, Limit::listen_backlog, segment, effects);
      if (rules().has(Rule::accept_queue_refuses)) output_.answer_with_reset(segment, effects);
      return;
    case SynAnswer::cookie:
      break;
    case SynAnswer::keep:
      account_.mark_if(left_to_known_peers(queue, settings()), Rule::syn_queue_known_peer);
      break;
  }
  const SocketIndex index = sockets_.create();
  SocketRecord& request = sockets_[index];
  const SocketRecord& of = sockets_[listener];
  request.request = true;
  request.state = TcpState::syn_received;
  request.inet6 = of.inet6;
  request.process = of.process;
  request.device = of.device;
  request.set_parent(listener, of.generation);
  name_after(request, segment);
  request.timestamps = segment.timestamps && settings().timestamps;
  if (answer == SynAnswer::cookie) {
    output_.synack(request, SynAckKind::cookie, effects);
    account_.mark(settings().syncookies == SynCookies::always ? Rule::syn_queue_cookie_always : Rule::syn_queue_cookie);
    ++counters_.syncookies_sent;
    own.last_cookie = now;
    sockets_.destroy(index);
    return;
  }
  const bool in_doubt = accept_queue_in_doubt(own, rules()) || own.patience.defer_accept > 0;
  output_.synack(request, in_doubt ? SynAckKind::in_doubt : SynAckKind::sure, effects);
  ports_.enter_tuple(index);
  enter_syn_queue(own);
  set_timer(index, TimerKind::synack_retransmission, now + synack_timeout(0), effects);
}

// net/ipv4/tcp_minisocks.c, tcp_check_req.
void TcpStack::deliver_to_request(SocketIndex index, const Segment& segment, SimTime now, Effects& effects) {
  SocketRecord& request = sockets_[index];
  const SocketIndex listener = listener_of(request);
  if (listener == no_socket) {
    const TupleKey key{request.local, request.remote, request.local_port, request.remote_port};
    account_.mark(Rule::syn_queue_listener_gone);
    drop_request(index);
    return deliver_to_listener(segment, key, false, now, effects);
  }
  if (segment.rst) return drop_request(index);
  if (segment.syn && !segment.ack) {
    output_.synack(request, SynAckKind::sure, effects);
    set_timer(index, TimerKind::synack_retransmission, now + synack_timeout(request.retries), effects);
    return;
  }
  if (!segment.ack) return;
  if (segment.probe) return output_.answer_probe(request, effects);
  const bool bare = segment.payload == 0 && !segment.fin;
  request.acknowledged = true;
  if (account_.decides(Rule::accept_queue_deferred,
                       bare && request.retries < sockets_.extras(listener).patience.defer_accept))
    return;
  if (!accept_queue_full(sockets_.extras(listener), rules())) return make_child(listener, index, segment, now, effects);
  overflow(listener, Limit::listen_backlog, segment, effects);
  account_.mark(settings().abort_on_overflow ? Rule::accept_queue_ack_reset : Rule::accept_queue_ack_ignored);
  if (settings().abort_on_overflow) {
    output_.answer_with_reset(segment, effects);
    return drop_request(index);
  }
  // The client believes in the connection and repeats what it sent until it is acknowledged: kept for it here.
  if (segment.repeated) return;
  request.unread += segment.payload;
  request.fin_waits = request.fin_waits || segment.fin;
}

// The handshake is complete: a full socket, in the accept queue. `request`: no_socket for a cookie's. Requires: there
// is room.
void TcpStack::make_child(SocketIndex listener, SocketIndex request, const Segment& segment, SimTime now,
                          Effects& effects) {
  BOOST_ASSERT_MSG(!accept_queue_full(sockets_.extras(listener), rules()), "make_child: there is room");
  Segment arrived = segment;
  SocketIndex child = request;
  if (request == no_socket) {
    child = sockets_.create();
    SocketRecord& fresh = sockets_[child];
    name_after(fresh, segment);
    fresh.timestamps = segment.timestamps;
    ports_.enter_tuple(child);
  } else {
    SocketRecord& half = sockets_[request];
    leave_syn_queue(sockets_.extras(listener), half);
    // Repeated data is all of it, the request's share too.
    if (!segment.repeated || segment.payload == 0) arrived.payload += half.unread;
    arrived.fin = arrived.fin || half.fin_waits;
    half.unread = 0;
    half.fin_waits = false;
    half.acknowledged = false;
    half.request = false;
    half.forget_parent();
    half.retries = 0;
    ++half.timer_round;
  }
  inherit(child, listener);
  SocketRecord& record = sockets_[child];
  record.state = TcpState::established;
  record.since = now;
  begin_keep_alive(child, now, effects);
  if (rules().has(Rule::bind_by_accepted)) ports_.join(child, record.local_port);
  enter_accept_queue(sockets_, listener, child);
  notify(listener, NoticeKind::acceptable, effects);
  account_.mark_if(record.send_shut, Rule::shutdown_before_connection);
  if (record.send_shut) start_closing(child, now, effects);
  take_payload_and_fin(child, arrived, now, effects);
  if (segment.in_doubt && (segment.payload > 0 || segment.repeated)) output_.ack(sockets_[child], effects);
}

// What an accepted socket has of its listener (net/core/sock.c, sk_clone_lock).
void TcpStack::inherit(SocketIndex child, SocketIndex listener) {
  const SocketRecord& from = sockets_[listener];
  SocketRecord& record = sockets_[child];
  record.process = from.process;
  record.inet6 = from.inet6;
  record.v6_only = from.v6_only;
  record.device = from.device;
  const bool inherits = rules().has(Rule::bind_accepted_inherits_reuse);
  record.reuse_address = inherits && from.reuse_address;
  record.reuse_port = inherits && from.reuse_port;
  record.bind_no_port = from.bind_no_port;
  record.free_bind = from.free_bind;
  record.transparent = from.transparent;
  record.linger = from.linger;
  record.address_locked = from.address_locked;
  record.speaks_v4 = from.speaks_v4 || (record.inet6 && record.remote.is_mapped());
  record.send_shut = from.send_shut;
  record.receive_shut = from.receive_shut;
  const SocketExtras& own = sockets_.extras(listener);
  SocketPatience patience = own.patience;
  patience.defer_accept = 0;
  if (own.port_range == 0 && own.linger_seconds == 0 && patience == SocketPatience{}) return;
  const std::uint32_t range = own.port_range;
  const std::uint32_t linger = own.linger_seconds;
  SocketExtras& copy = sockets_.extras_of(child);  // may move the listener's
  copy.port_range = range;
  copy.linger_seconds = linger;
  copy.patience = patience;
}

// net/ipv4/inet_connection_sock.c, reqsk_timer_handler.
void TcpStack::synack_timer(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& request = sockets_[index];
  const SocketIndex listener = listener_of(request);
  if (listener == no_socket) {
    account_.mark(Rule::syn_queue_listener_gone);
    return drop_request(index);
  }
  SocketExtras& own = sockets_.extras(listener);
  const std::uint32_t retries = own.patience.syn_count != 0 ? own.patience.syn_count : settings().synack_retries;
  const std::uint32_t allowed = synack_retransmissions(retries, own.half_open, own.young, own.backlog);
  const SynAckPlan plan = synack_plan(request.retries, allowed, own.patience.defer_accept, request.acknowledged);
  if (plan.given_up) {
    account_.mark(Rule::syn_queue_given_up);
    return drop_request(index);
  }
  account_.mark_if(plan.repeated, Rule::syn_queue_answer_repeated);
  if (plan.repeated) output_.synack(request, SynAckKind::sure, effects);
  if (request.retries++ == 0) grow_old(own);
  set_timer(index, TimerKind::synack_retransmission, now + synack_timeout(request.retries), effects);
}

}  // namespace netlimits
