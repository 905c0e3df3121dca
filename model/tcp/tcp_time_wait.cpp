// FIN_WAIT_2 and TIME_WAIT: who gets an entry, and what a segment does to one.
#include "model/tcp/tcp_stack.hpp"
#include "model/tcp/time_wait.hpp"

namespace netlimits {

void TcpStack::enter_fin_wait_2(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets_[index];
  record.state = TcpState::fin_wait_2;
  ++record.timer_round;
  if (!record.orphan) return;
  if (account_.decides(Rule::fin_wait_none, leaves_no_fin_wait(record))) {
    output_.reset(record, effects);
    return finish(index, now, effects);
  }
  const FinWaitPlan plan = fin_wait_plan(fin_timeout(record));
  if (plan.as_full_socket > Duration::zero()) {
    account_.mark(Rule::fin_wait_full_socket_first);
    set_timer(index, TimerKind::fin_wait_2, now + plan.as_full_socket, effects);
  } else {
    enter_time_wait(index, true, plan.as_light_entry, now, effects);
  }
}

// net/ipv4/tcp_minisocks.c, tcp_time_wait.
void TcpStack::enter_time_wait(SocketIndex index, bool light, Duration lasting, SimTime now, Effects& effects) {
  remember_peer(sockets_[index]);
  if (!light && !rules().has(Rule::time_wait_first_closer)) return finish(index, now, effects);
  if (account_.decides(Rule::time_wait_no_room, time_waits_.full(settings()))) {
    ++counters_.time_wait_overflows;
    const SocketRecord& refused = sockets_[index];
    effects.drops.push_back({.limit = Limit::time_wait_buckets,
                             .tuple = {{refused.local.on_the_wire(), Port{refused.local_port}},
                                       {refused.remote.on_the_wire(), Port{refused.remote_port}}}});
    return finish(index, now, effects);
  }
  const SocketIndex entry = entry_for(index);
  SocketRecord& record = sockets_[entry];
  if (!rules().has(Rule::bind_time_wait_in_the_way)) ports_.release(entry);
  record.state = light ? TcpState::fin_wait_2 : TcpState::time_wait;
  record.light = light;
  account_.mark_if(light, Rule::fin_wait_light);
  record.since = now;
  record.error = 0;
  time_waits_.enter(light);
  set_timer(entry, light ? TimerKind::fin_wait_2 : TimerKind::time_wait, now + lasting, effects);
  if (!light) ports_.time_wait_began(entry);
  if (entry != index) finish(index, now, effects);
}

// The record that is the entry from now on: the socket's own, or another while its program has a descriptor for it.
SocketIndex TcpStack::entry_for(SocketIndex index) {
  if (sockets_[index].orphan) {
    --orphans_;
    sockets_[index].orphan = false;
    sockets_.drop_extras(index);
    return index;
  }
  const SocketIndex entry = sockets_.create();
  const SocketRecord& from = sockets_[index];
  SocketRecord& to = sockets_[entry];
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
  ports_.succeed(index, entry);
  return entry;
}

// net/ipv4/tcp_minisocks.c, tcp_timewait_state_process; net/ipv4/tcp_ipv4.c, tcp_v4_rcv (do_time_wait).
void TcpStack::deliver_to_time_wait(SocketIndex index, const Segment& segment, SimTime now, Effects& effects) {
  SocketRecord& entry = sockets_[index];
  if (segment.probe) {
    if (!entry.light) set_timer(index, TimerKind::time_wait, now + settings().time_wait, effects);
    return output_.answer_probe(entry, effects);
  }
  if (segment.rst) {
    account_.mark_if(!entry.light, Rule::time_wait_ended_by_reset);
    return destroy_with_notice(index, effects);
  }
  if (entry.light) {
    if (segment.fin && segment.payload == 0) {
      account_.mark(Rule::fin_wait_becomes_time_wait);
      entry.light = false;
      time_waits_.becomes_time_wait();
      entry.state = TcpState::time_wait;
      entry.since = now;
      entry.end_of_stream = true;
      output_.acknowledge_for_entry(entry, effects);
      set_timer(index, TimerKind::time_wait, now + settings().time_wait, effects);
      return ports_.time_wait_began(index);
    }
    if (segment.payload == 0 && !segment.syn) return;
    account_.mark(Rule::fin_wait_data_resets);
    output_.answer_with_reset(segment, effects);
    return destroy_with_notice(index, effects);
  }
  // A kernel asks for a newer sequence number or timestamp. Both are newer unless the SYN comes within a millisecond of
  // the end and from a socket that has had another connection before: that one's sequence goes on, and it is then a
  // matter of chance (measured on 6.18). Here the SYN is always newer.
  if (segment.syn && !segment.ack) {
    if (!rules().has(Rule::time_wait_new_syn)) return;
    const TupleKey key{entry.local, entry.remote, entry.local_port, entry.remote_port};
    if (ports_.listener_for(key, addresses_.arriving_device(segment), nullptr).socket == no_socket) {
      account_.mark(Rule::time_wait_syn_without_listener);
      return output_.acknowledge_for_entry(entry, effects);
    }
    account_.mark(Rule::time_wait_new_syn);
    destroy_with_notice(index, effects);
    return deliver_to_listener(segment, key, true, now, effects);
  }
  // Anything else begins the time anew; what is more than an ACK is acknowledged again.
  account_.mark(Rule::time_wait_begins_anew);
  set_timer(index, TimerKind::time_wait, now + settings().time_wait, effects);
  if (segment.payload > 0 || segment.fin || segment.syn) output_.acknowledge_for_entry(entry, effects);
}

// Without syncookies somebody may ask (known_peers.hpp).
void TcpStack::remember_peer(const SocketRecord& record) {
  if (settings().syncookies == SynCookies::off) known_peers_.remember(record.remote);
}

}  // namespace netlimits
