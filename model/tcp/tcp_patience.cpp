// How long a socket waits for its peer by its own options: SYNs, what nobody acknowledges, and the keep-alive.
//
// Source: net/ipv4/tcp_timer.c, tcp_write_timeout, retransmits_timed_out, tcp_keepalive_timer; net/ipv4/tcp.c,
// tcp_set_keepalive, tcp_sock_set_keepidle_locked; 6.18. Measured on 6.18 with a peer that no segment reaches:
// TCP_KEEPIDLE 1, TCP_KEEPINTVL 2, TCP_KEEPCNT 2 end after 5.05 s; with TCP_USER_TIMEOUT 500 ms and 3.5 s in place of
// the count, of 1 s each, after 2.05 and 4.10 s.
#include <algorithm>
#include <chrono>

#include "model/systems/rule_book.hpp"
#include "model/tcp/syn_retransmission.hpp"
#include "model/tcp/tcp_stack.hpp"

namespace netlimits {
namespace {

Duration keep_idle(const SocketPatience& own) {
  return std::chrono::seconds(own.keep_idle != 0 ? own.keep_idle : usual_keep_idle);
}
Duration keep_interval(const SocketPatience& own) {
  return std::chrono::seconds(own.keep_interval != 0 ? own.keep_interval : usual_keep_interval);
}
std::uint32_t keep_count(const SocketPatience& own) { return own.keep_count != 0 ? own.keep_count : usual_keep_count; }

}  // namespace

const SocketPatience& TcpStack::patience_of(const SocketRecord& record) const {
  static constexpr SocketPatience none{};
  const SocketExtras* own = sockets_.extras_if_any(record);
  return own == nullptr ? none : own->patience;
}

Duration TcpStack::user_timeout(const SocketRecord& record) const {
  return std::chrono::milliseconds(patience_of(record).user_timeout);
}

Duration TcpStack::fin_timeout(const SocketRecord& record) const {
  const std::int32_t own = patience_of(record).fin_wait_2;
  return own > 0 ? Duration(std::chrono::seconds(own)) : settings().fin_timeout;
}

bool TcpStack::leaves_no_fin_wait(const SocketRecord& record) const { return patience_of(record).fin_wait_2 < 0; }

bool TcpStack::syn_expired(const SocketRecord& record, SimTime now) {
  const SocketPatience& own = patience_of(record);
  const std::uint32_t retries = own.syn_count != 0 ? own.syn_count : settings().syn_retries;
  account_.mark_if(own.syn_count != 0, Rule::connect_syn_count);
  if (own.user_timeout == 0) return record.retries >= syn_retransmissions(retries, settings(), rules());
  if (record.retries >= retries + linear_syn_timeouts(settings(), rules())) return true;
  const bool over = record.retries > 0 && now - record.since >= user_timeout(record);
  return account_.decides(Rule::connection_user_timeout, over);
}

void TcpStack::keep_alive_changed(SocketIndex index, SimTime now, Effects& effects) {
  const SocketRecord& record = sockets_[index];
  if (record.state == TcpState::closed || record.state == TcpState::listen || !sockets_.has_extras(index)) return;
  SocketExtras& own = sockets_.extras(index);
  if (!own.patience.keep_alive) {
    ++own.keep_alive_round;
    return;
  }
  arm_keep_alive(index, now + keep_idle(own.patience), effects);
}

void TcpStack::keep_idle_changed(SocketIndex index, SimTime now, Effects& effects) {
  const SocketRecord& record = sockets_[index];
  const SocketPatience& own = patience_of(record);
  if (!own.keep_alive || record.state == TcpState::closed || record.state == TcpState::listen) return;
  const Duration silent = record.state == TcpState::syn_sent ? Duration::zero() : Duration(now - record.since);
  arm_keep_alive(index, now + std::max(Duration::zero(), keep_idle(own) - silent), effects);
}

void TcpStack::begin_keep_alive(SocketIndex index, SimTime now, Effects& effects) {
  const SocketPatience& own = patience_of(sockets_[index]);
  if (own.keep_alive) arm_keep_alive(index, now + keep_idle(own), effects);
}

void TcpStack::arm_keep_alive(SocketIndex index, SimTime at, Effects& effects) {
  const std::uint32_t round = ++sockets_.extras_of(index).keep_alive_round;
  effects.timers.push_back({at, sockets_.id(index), TimerKind::keep_alive, round});
}

void TcpStack::peer_heard(SocketIndex index, SimTime now) {
  SocketRecord& record = sockets_[index];
  if (!record.orphan) record.since = now;
  if (sockets_.has_extras(index)) sockets_.extras(index).probes = 0;
}

void TcpStack::keep_alive_timer(SocketIndex index, SimTime now, Effects& effects) {
  SocketRecord& record = sockets_[index];
  SocketExtras& own = sockets_.extras(index);
  const bool connected = record.state != TcpState::closed && record.state != TcpState::syn_sent &&
                         record.state != TcpState::listen && !record.orphan;
  if (!connected || !own.patience.keep_alive) return;
  const Duration idle = keep_idle(own.patience);
  const bool fin_under_way =
      record.state == TcpState::fin_wait_1 || record.state == TcpState::closing || record.state == TcpState::last_ack;
  // What is under way and not acknowledged tells by itself whether the peer is there.
  if (fin_under_way || (record.in_doubt && own.unacknowledged > 0)) return arm_keep_alive(index, now + idle, effects);
  const Duration silent = now - record.since;
  if (silent < idle) return arm_keep_alive(index, now + (idle - silent), effects);
  const bool over = own.patience.user_timeout != 0 ? own.probes > 0 && silent >= user_timeout(record)
                                                   : own.probes >= keep_count(own.patience);
  if (over) {
    output_.reset(record, effects);
    account_.mark_if(own.patience.user_timeout != 0, Rule::connection_user_timeout);
    account_.mark(Rule::connection_probes_unanswered);
    return fail_connection(index, Refusal{rules().timed_out, std::nullopt, Rule::connection_probes_unanswered}, now,
                           effects);
  }
  account_.mark(Rule::connection_probed);
  ++own.probes;
  arm_keep_alive(index, now + keep_interval(own.patience), effects);
  output_.probe(sockets_[index], effects);
}

}  // namespace netlimits
