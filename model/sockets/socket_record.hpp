// One socket of a host as its kernel keeps it: the fields that the rules look at, and no more (a host may hold ten
// million of them).
//
// A record is one of: a socket with a descriptor; a connection that waits in an accept queue; an orphan (closed by its
// program, not yet finished); a half-open request of a listener; a TIME_WAIT or light FIN_WAIT_2 entry.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/net/address_bits.hpp"
#include "model/net/time.hpp"
#include "model/sockets/datagram_place.hpp"
#include "model/sockets/socket.hpp"
#include "model/sockets/socket_patience.hpp"
#include "model/systems/error.hpp"

namespace netlimits {

using SocketIndex = std::uint32_t;
inline constexpr SocketIndex no_socket = 0xffffffffU;
inline constexpr std::uint32_t no_extras = 0xffffffffU;
inline constexpr std::uint8_t loopback_device = 1;  // SocketRecord::device

// What the call layer above TCP remembers of connect() (include/uapi/linux/net.h, socket_state). It is not the TCP
// state: a socket whose connection was reset stays `connected` until connect(AF_UNSPEC).
enum class CallState : std::uint8_t { unconnected, connecting, connected, disconnecting };

struct SocketRecord {
  // What a lookup reads comes first.
  AddressBits local;   // the address that arriving packets must have; a wildcard until bound or connected
  AddressBits remote;  // meaningful while remote_port is not 0
  SocketIndex tuple_next = no_socket;  // TupleTable's chain
  std::uint16_t local_port = 0;        // the port that getsockname() shows: it may outlive the hold
  std::uint16_t remote_port = 0;
  std::uint32_t generation = 0;   // of its SocketId: also the order of creation. 0: the slot is free
  std::uint16_t held_port = 0;    // the port whose bucket it is in; 0: none
  std::uint16_t timer_round = 0;  // of the timer that counts; others are outdated

  TcpState state : 4 = TcpState::closed;
  CallState call_state : 2 = CallState::unconnected;
  bool dgram : 1 = false;
  bool inet6 : 1 = false;
  bool v6_only : 1 = false;
  bool reuse_address : 1 = false;
  bool reuse_port : 1 = false;
  bool bind_no_port : 1 = false;
  bool free_bind : 1 = false;
  bool transparent : 1 = false;
  bool linger : 1 = false;          // SO_LINGER is on; its seconds are in the extras, 0 without
  bool nonblocking : 1 = false;     // O_NONBLOCK
  bool waiting : 1 = false;         // a blocking connect() waits for the outcome
  bool address_locked : 1 = false;  // bound to an address by bind(): disconnecting keeps it
  bool port_locked : 1 = false;     // bound to a port by number: disconnecting keeps it
  bool connect_bound : 1 = false;   // its port was chosen by connect()
  bool source_open : 1 = false;     // bound to a multicast or broadcast address: routing picks the source
  bool in_tuples : 1 = false;       // in the TupleTable
  bool in_listeners : 1 = false;    // in the ListenerTable
  bool descriptor : 1 = false;      // a descriptor refers to it
  bool queued : 1 = false;          // waits in an accept queue
  bool request : 1 = false;         // half-open, of a listener
  bool light : 1 = false;           // FIN_WAIT_2 as a small entry without a socket
  bool orphan : 1 = false;          // closed by its program, connection not finished
  bool send_shut : 1 = false;       // no more sending
  bool receive_shut : 1 = false;    // no more receiving
  bool data_came : 1 = false;       // some data has arrived since the connection began
  bool end_of_stream : 1 = false;   // the peer's FIN arrived
  bool timestamps : 1 = false;      // the connection uses TCP timestamps
  bool cookie : 1 = false;          // client: the SYN+ACK was made from a cookie and nothing else came since
  bool in_doubt : 1 = false;        // client: its server may not know of the connection, as far as anything came since
  bool fin_waits : 1 = false;       // request: the peer's FIN arrived behind an ACK that found the queue full
  bool acknowledged : 1 = false;    // request: its ACK has come, and did not complete it
  // An IPv6 socket that has once begun a v4-mapped connection goes on sending IPv4 packets, whatever it connects to
  // later: what it sends to a true IPv6 address is lost (measured on 6.18; net/ipv6/tcp_ipv6.c, tcp_v6_connect sets
  // ipv6_mapped and only a refusal on the spot takes it back).
  bool speaks_v4 : 1 = false;

  std::uint8_t retries = 0;  // SYNs or SYN+ACKs sent again
  std::uint8_t device = 0;   // SO_BINDTODEVICE
  std::uint8_t error = 0;    // pending SO_ERROR: 0 none, else the Error's number plus one

  std::uint32_t unread = 0;  // bytes received and not yet read
  std::uint32_t process = 0;
  std::uint32_t descriptor_number = 0;  // in its process, while `descriptor`
  std::uint32_t extras = no_extras;     // index of its SocketExtras
  SocketIndex owner_next = no_socket;   // PortTable's owners of one port
  SocketIndex owner_prev = no_socket;
  SocketIndex queue_next = no_socket;  // the accept queue it waits in; SocketTable's free slots
  std::uint64_t user_data = 0;
  // TIME_WAIT and light FIN_WAIT_2: when it began; an orphan: when it became one; SYN_SENT: when the first SYN went
  // out; a connection: when the last sign of its peer came.
  SimTime since{};

  // A request owns no port, so its listener is kept where an owner has its neighbours.
  SocketIndex parent() const { return owner_next; }
  std::uint32_t parent_generation() const { return owner_prev; }
  void set_parent(SocketIndex listener, std::uint32_t listener_generation) {
    owner_next = listener;
    owner_prev = listener_generation;
  }
  void forget_parent() { set_parent(no_socket, no_socket); }

  Family family() const { return inet6 ? Family::inet6 : Family::inet; }
  bool is_live() const { return generation != 0; }
  // include/net/sock.h, sk_rcv_saddr: what an IPv6 socket looks like to a comparison of IPv4 addresses. One that is
  // bound to a true IPv6 address pretends to be 127.0.0.6 (LOOPBACK4_IPV6).
  std::uint32_t v4_view() const {
    if (local.is_mapped()) return local.v4_bits();
    return local.is_v6_any() ? 0U : 0x7f000006U;
  }
  std::optional<Error> pending_error() const {
    if (error == 0) return std::nullopt;
    return static_cast<Error>(error - 1);
  }
  void set_error(Error value) { error = static_cast<std::uint8_t>(static_cast<std::uint8_t>(value) + 1U); }
  bool counts_as_time_wait() const { return state == TcpState::time_wait || light; }
};

static_assert(sizeof(SocketRecord) <= 104, "a host may hold ten million of these");

// What few sockets have; SocketTable keeps it.
struct SocketExtras {
  std::uint32_t port_range = 0;  // IP_LOCAL_PORT_RANGE
  std::uint32_t linger_seconds = 0;
  // Listener.
  SocketIndex queue_first = no_socket;
  SocketIndex queue_last = no_socket;
  std::uint32_t queued = 0;
  std::uint32_t half_open = 0;
  std::uint32_t half_open_peak = 0;
  std::uint32_t young = 0;    // half-open requests whose SYN+ACK was never repeated
  std::uint32_t backlog = 0;  // as listen() was told, cut to somaxconn
  SimTime last_cookie = SimTime::min();
  // An IPv6 datagram socket with a true IPv6 address: the source of its last v4-mapped connection; 0 without.
  std::uint32_t v4_source = 0;
  std::uint32_t unacknowledged = 0;  // bytes sent that may have found nobody (SocketRecord::in_doubt)
  std::uint32_t held_back = 0;       // bytes that wait for the ACK of those
  bool never_left = false;           // the unacknowledged bytes found no way out of the host
  SimTime repeated_since{};          // when they were repeated after a timeout for the first time
  SocketPatience patience{};
  std::uint32_t keep_alive_round = 0;  // of the keep-alive timer that counts: it runs beside the others
  std::uint32_t probes = 0;            // sent since the last sign of the peer
  // A datagram socket's SO_REUSEPORT group, from its bind until it connects; 0: none.
  std::uint32_t group = 0;
  bool looked_up_last = false;  // by a bind: behind the sockets that are there already
  DatagramPlace place{};        // of a datagram socket that has a port
  // Datagrams that wait: their sizes, the oldest first.
  std::vector<std::uint32_t> datagrams{};
};

}  // namespace netlimits
