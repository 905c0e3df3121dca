// What leaves a host: segments for the network, timers for the clock, notices for its programs; and for an observer
// what it dropped, and counters.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/net/endpoint.hpp"
#include "model/net/segment.hpp"
#include "model/net/time.hpp"
#include "model/sockets/socket.hpp"
#include "model/systems/refusal.hpp"

namespace netlimits {

enum class TimerKind : std::uint8_t {
  syn_retransmission,
  synack_retransmission,
  time_wait,
  fin_wait_2,
  orphan,
  delayed_ack,
  data_retransmission,
  keep_alive,
};

struct TimerRequest {
  SimTime at{};
  SocketId socket{};
  TimerKind kind{};
  std::uint32_t round{};  // a later request of the same kind outdates earlier ones; the host ignores outdated timers
};

enum class NoticeKind : std::uint8_t {
  connected,       // a connect() in progress succeeded
  connect_failed,  // a connect() in progress failed; `error` says why
  acceptable,      // a listener's accept queue gained a connection; `socket` is the listener
  peer_closed,     // end of stream arrived (FIN)
  readable,        // data arrived
  reset,           // the connection was reset by the peer
  gone,            // the kernel dropped its last state (TIME_WAIT or FIN_WAIT_2 over): nothing holds the port
};

struct Notice {
  NoticeKind kind{};
  SocketId socket{};
  std::uint64_t user_data{};  // what the program attached to the socket (as epoll's data)
  std::optional<Refusal> error{};
};

// Something that a limit made a node of the network give up.
//  - A segment of a handshake for which a queue of its listener had no room: a SYN, or the ACK that ends the handshake.
//    Told whether the host keeps silent (Linux) or answers with a reset (tcp_abort_on_overflow, Windows).
//  - A connection that closed first and found no room among the TIME_WAIT entries; it has no listener.
//  - A segment that goes on to nobody: there is no way, or nobody is up behind a balancer; no listener either.
struct Drop {
  Limit limit{};          // listen_backlog: the accept queue; syn_backlog: the half-open requests; ...
  SocketId listener{};    // alive at that moment
  Endpoint at{};          // the listener's own: a wildcard address where it is bound to one
  FourTuple tuple{};      // of the segment, as its sender sees it: `remote` is where it was sent to
  bool opening = false;   // the segment is a SYN: a connection that begins
  bool answered = false;  // and whoever begins it is told by a reset; else it hears nothing
};

// Counters of what the host dropped silently or destroyed, as nstat names them.
struct HostCounters {
  std::uint64_t listen_overflows = 0;     // TcpExtListenOverflows
  std::uint64_t listen_drops = 0;         // TcpExtListenDrops
  std::uint64_t syn_queue_drops = 0;      // TcpExtTCPReqQFullDrop
  std::uint64_t syncookies_sent = 0;      // TcpExtSyncookiesSent
  std::uint64_t time_wait_overflows = 0;  // TcpExtTCPTimeWaitOverflow
  std::uint64_t orphan_resets = 0;        // TcpExtTCPAbortOnMemory and its kin: closed at once by tcp_max_orphans
  std::uint64_t time_wait_recycled = 0;   // TcpExtTWRecycled: TIME_WAIT entries taken over by connect()
};

// What a call or an arriving segment caused outside the node. Appended to, never cleared, by the node.
struct Effects {
  std::vector<Segment> segments{};
  std::vector<TimerRequest> timers{};
  std::vector<Notice> notices{};
  std::vector<Drop> drops{};
  void clear() {
    segments.clear();
    timers.clear();
    notices.clear();
    drops.clear();
  }
};

}  // namespace netlimits
