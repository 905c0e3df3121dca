// TCP on one host: how its sockets go from state to state, by calls, by segments that arrive and by timers.
//
// The stack has no packets, clock or program of its own: what leaves goes into an Effects value. Names (ports,
// four-tuples, listeners) are the PortSpace's, descriptors the ProcessTable's: a call on a socket comes here when its
// descriptor has been found. What admits a connection is a function or a table of its own, which others may call:
//   a port                      PortSpace::take, PortSpace::choose_for_connect, PortSpace::join
//   a four-tuple                PortSpace::holder, PortSpace::enter_tuple
//   a descriptor                ProcessTable::refusal, ProcessTable::take
//   a place in the SYN queue    answer_to_syn, enter_syn_queue (listen_queues.hpp)
//   a place before accept()     accept_queue_full, enter_accept_queue (listen_queues.hpp)
//   a TIME_WAIT entry           TimeWaitBuckets::full, TimeWaitBuckets::enter
//
// Reference: Linux 6.18; each function names the kernel's own.
#pragma once

#include <cstdint>
#include <optional>

#include "model/addresses/own_addresses.hpp"
#include "model/net/segment.hpp"
#include "model/ports/port_space.hpp"
#include "model/sockets/configuration.hpp"
#include "model/sockets/effects.hpp"
#include "model/sockets/held_connection.hpp"
#include "model/sockets/socket_effects.hpp"
#include "model/sockets/socket_table.hpp"
#include "model/systems/refusal.hpp"
#include "model/systems/rule_account.hpp"
#include "model/tcp/known_peers.hpp"
#include "model/tcp/tcp_output.hpp"
#include "model/tcp/time_wait_buckets.hpp"

namespace netlimits {

class TcpStack {
 public:
  // All of them outlive the stack.
  TcpStack(const Configuration& configuration, const OwnAddresses& addresses, SocketTable& sockets, PortSpace& ports,
           RuleAccount& account)
      : configuration_(configuration),
        addresses_(addresses),
        sockets_(sockets),
        ports_(ports),
        account_(account),
        output_(addresses, account) {}

  // ---- calls. Their errors: model/host/host.hpp. Requires: the index is of a TCP socket with a descriptor.
  Outcome<void> connect(SocketIndex index, Endpoint remote, const PortDraw& draw, SimTime now, Effects& effects);
  void disconnect(SocketIndex index, SimTime now, Effects& effects);  // connect() to AF_UNSPEC
  Outcome<void> listen(SocketIndex index, std::int64_t backlog, const PortDraw& draw);
  // Would accept() find a connection? Refuses otherwise, and takes none.
  Outcome<void> has_connection(SocketIndex listener) const;
  // The first connection that waits; it has no descriptor yet. Requires: has_connection().
  SocketIndex accept(SocketIndex listener);
  Outcome<std::uint32_t> send(SocketIndex index, std::uint32_t bytes, SimTime now, Effects& effects);
  Outcome<std::uint32_t> receive(SocketIndex index);
  bool readable(const SocketRecord& socket) const;
  Outcome<void> shutdown(SocketIndex index, bool read, bool write, SimTime now, Effects& effects);
  void close(SocketIndex index, SimTime now, Effects& effects);  // its last descriptor is gone
  // SO_KEEPALIVE or TCP_KEEPIDLE was set, and counts from now on.
  void keep_alive_changed(SocketIndex index, SimTime now, Effects& effects);
  void keep_idle_changed(SocketIndex index, SimTime now, Effects& effects);
  // A connection that is there already; it has no descriptor.
  Outcome<SocketIndex> hold(ProcessId process, const HeldConnection& held, SimTime now, Effects& effects);

  // ---- the network and the clock
  void deliver(const Segment& segment, SimTime now, Effects& effects);
  void on_timer(SocketIndex index, TimerKind kind, SimTime now, Effects& effects);  // Requires: it is not outdated.
  void lose_everything();  // without a word; the sockets themselves are the table's

  const TimeWaitBuckets& time_waits() const { return time_waits_; }
  const HostCounters& counters() const { return counters_; }

 private:
  const Settings& settings() const { return configuration_.settings(); }
  const Rules& rules() const { return account_.rules(); }
  GroupDraws* group_draws() const { return configuration_.given().group_draws.get(); }
  void set_timer(SocketIndex index, TimerKind kind, SimTime at, Effects& effects) {
    netlimits::set_timer(sockets_, index, kind, at, effects);
  }
  void notify(SocketIndex index, NoticeKind kind, Effects& effects, std::optional<Refusal> error = std::nullopt) const {
    netlimits::notify(sockets_, index, kind, effects, error);
  }

  // ---- beginning (tcp_connect.cpp)
  Outcome<void> start_connection(SocketIndex index, Endpoint remote, const PortDraw& draw, SimTime now,
                                 Effects& effects);
  Outcome<std::uint16_t> port_towards(SocketIndex index, const Destination& to, const PortDraw& draw, SimTime now,
                                      Effects& effects);
  void connection_completed(SocketIndex index, SimTime now, Effects& effects);

  // ---- a listener's side of the handshake (tcp_handshake.cpp)
  void deliver_to_listener(const Segment& segment, const TupleKey& key, bool over_time_wait, SimTime now,
                           Effects& effects);
  void deliver_syn(SocketIndex listener, const Segment& segment, bool over_time_wait, SimTime now, Effects& effects);
  void deliver_to_request(SocketIndex index, const Segment& segment, SimTime now, Effects& effects);
  SocketIndex listener_of(const SocketRecord& request) const;
  void make_child(SocketIndex listener, SocketIndex request, const Segment& segment, SimTime now, Effects& effects);
  void inherit(SocketIndex child, SocketIndex listener);
  void overflow(SocketIndex listener, Limit queue, const Segment& segment, Effects& effects);
  void drop_request(SocketIndex index);
  void synack_timer(SocketIndex index, SimTime now, Effects& effects);

  // ---- segments of a connection (tcp_segments.cpp)
  void deliver_to_connecting(SocketIndex index, const Segment& segment, SimTime now, Effects& effects);
  void deliver_to_connection(SocketIndex index, const Segment& segment, SimTime now, Effects& effects);
  void take_payload_and_fin(SocketIndex index, const Segment& segment, SimTime now, Effects& effects);
  void syn_timer(SocketIndex index, SimTime now, Effects& effects);

  // ---- how long a socket waits (tcp_patience.cpp)
  const SocketPatience& patience_of(const SocketRecord& record) const;
  Duration user_timeout(const SocketRecord& record) const;  // zero: none
  Duration fin_timeout(const SocketRecord& record) const;
  bool leaves_no_fin_wait(const SocketRecord& record) const;
  bool syn_expired(const SocketRecord& record, SimTime now);
  void wait_for_syn_timeout(SocketIndex index, SimTime from, Duration timeout, Effects& effects);
  void begin_keep_alive(SocketIndex index, SimTime now, Effects& effects);  // where it is on
  void arm_keep_alive(SocketIndex index, SimTime at, Effects& effects);
  void keep_alive_timer(SocketIndex index, SimTime now, Effects& effects);
  void peer_heard(SocketIndex index, SimTime now);

  // ---- a client whose connection may be known to nobody (tcp_client_in_doubt.cpp)
  void send_in_doubt(SocketIndex index, std::uint32_t bytes, SimTime now, Effects& effects);
  void keep_for_later(SocketIndex index, std::uint32_t bytes, SimTime now, Effects& effects);
  void finish_in_doubt(SocketIndex index, SimTime now, Effects& effects);
  void data_timer(SocketIndex index, SimTime now, Effects& effects);

  // ---- closing in order (tcp_close.cpp)
  void start_closing(SocketIndex index, SimTime now, Effects& effects);  // sends the FIN, if one is due
  void become_orphan(SocketIndex index, SimTime now, Effects& effects);
  void stop_listening(SocketIndex index, SimTime now, Effects& effects);  // refuses what waits in the accept queue

  // ---- ends without order, and the end of the record (tcp_ends.cpp)
  void set_closed(SocketIndex index);                             // tcp_set_state(TCP_CLOSE)
  void finish(SocketIndex index, SimTime now, Effects& effects);  // tcp_done
  void cut(SocketIndex index, SimTime now, Effects& effects);     // tcp_disconnect
  void reset_local(SocketIndex index);                            // back to the wildcard, unless bind() set it
  void fail_connection(SocketIndex index, Refusal why, SimTime now, Effects& effects);
  void reset_by_peer(SocketIndex index, SimTime now, Effects& effects);
  void destroy(SocketIndex index);
  void destroy_with_notice(SocketIndex index, Effects& effects);

  // ---- FIN_WAIT_2 and TIME_WAIT (tcp_time_wait.cpp)
  void enter_fin_wait_2(SocketIndex index, SimTime now, Effects& effects);
  void enter_time_wait(SocketIndex index, bool light, Duration lasting, SimTime now, Effects& effects);
  SocketIndex entry_for(SocketIndex index);
  void deliver_to_time_wait(SocketIndex index, const Segment& segment, SimTime now, Effects& effects);
  void remember_peer(const SocketRecord& record);

  const Configuration& configuration_;
  const OwnAddresses& addresses_;
  SocketTable& sockets_;
  PortSpace& ports_;
  RuleAccount& account_;
  TcpOutput output_;
  TimeWaitBuckets time_waits_;
  KnownPeers known_peers_;
  std::uint64_t orphans_ = 0;
  HostCounters counters_;
};

}  // namespace netlimits
