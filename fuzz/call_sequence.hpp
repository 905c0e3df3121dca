// Sequences of calls on two sockets, two ports and two addresses, written down so that each is met once.
//
// A sequence stands for all that differ from it only in what cannot matter. What is left out, and why that is sound:
// - Which of two like sockets is used first. They are made alike, and nothing but their calls tells them apart.
// - Sequences with the ports (or the two addresses of like kind) exchanged, as long as no call chooses one. Both ports
//   are unprivileged, unreserved and in the automatic range; only a choice looks at their order (parity), and only an
//   unbound connect() prefers an address.
// - Options of a socket that holds no port and has done nothing, anywhere but directly before its first other call.
//   Such a socket is in no table: until then nobody else sees its options. For the same reason a socket is made
//   directly before its first call, closing one that has done nothing is left out, and so are two changes of one option
//   in a row.
// - Of two neighbouring calls on different sockets that commute the order B, A. Before there is any connection a call
//   on a bound socket reads and writes the bucket of its own port alone (net/ipv4/inet_connection_sock.c).
// - What follows a call that the kernel refuses before it changes anything: it goes on as the sequence without that
//   call. These are accept() on what does not listen or has nothing queued (inet_csk_accept), bind() on a bound socket
//   (__inet_bind, __inet6_bind), listen() on a connection (inet_listen, __inet_listen_sk), connect() on a connection or
//   a listener (__inet_stream_connect), IPV6_V6ONLY on a bound socket (do_ipv6_setsockopt), and disconnecting a socket
//   that has done nothing (tcp_disconnect).
// Of all sequences that mean the same, each rule keeps at least the one that comes first in the order of the calls.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "model/script/script.hpp"
#include "model/sockets/socket.hpp"

namespace netlimits::fuzz {

inline constexpr std::uint8_t automatic_port = 2;  // PlannedCall::port

// Which half of a connection shutdown() ends.
enum class Half : std::uint8_t { receiving, sending };

struct PlannedCall {
  Call call{};
  std::uint8_t slot = 0;     // 0, 1: the sockets "a" and "b", made anew when closed; 2, 3: what accept() made, "c", "d"
  std::uint8_t address = 0;  // bind, connect: which of the world's
  std::uint8_t port = 0;     // bind, connect: 0, 1, or automatic_port
  Option option{};           // setsockopt: turned on, or off again (SO_LINGER on is with 0 s)
  Half half{};               // shutdown

  bool operator==(const PlannedCall&) const = default;
};

// What can be called, in the order that decides between like sequences; slots, addresses and ports are to be filled in.
std::span<const PlannedCall> kinds_of_calls();

struct SequenceWorld {
  struct Kind {
    bool six = false;  // AF_INET6
    std::vector<std::string_view> addresses{};
    std::vector<std::string_view> destinations{};
  };
  std::string_view name;
  std::array<Kind, 2> kinds{};  // of "a" and "b"
  bool sockets_alike = false;
  bool addresses_alike = false;
};
std::span<const SequenceWorld> sequence_worlds();

// Where sequences begin: what has been done before the first call that counts.
struct Beginning {
  std::string_view name;
  std::vector<PlannedCall> calls{};
};
std::span<const Beginning> beginnings();

class CallSequence {
 public:
  // Requires: both outlive it. Without calls of its own, and without those of the beginning: they are added like
  // others.
  CallSequence(const SequenceWorld& world, bool from_nothing);

  // The calls that may follow.
  std::vector<PlannedCall> next() const;
  // Requires: note() has been called for all calls before.
  CallSequence with(PlannedCall call) const;
  // The calls so far, and then a look at every socket: its name and, after a connect(), its peer and its pending error.
  // Nothing is expected.
  Script script() const;
  // What the last call gave. Requires: `run` is a run of script().
  void note(const ScriptRun& run);

  // Is there a socket in the slot? Requires: note() has been called.
  bool is_open(std::uint8_t slot) const { return sockets_[slot].open; }
  // Can it tell anything to go on from here? Requires: note() has been called.
  bool goes_on() const { return goes_on_; }
  // Another sequence stands for this one: it differs in the names of ports or addresses alone. What continues it may
  // still be new.
  bool stands_for_itself() const;

 private:
  struct Socket {
    bool open = false;
    bool used = false;      // something but an option has been done with it
    std::uint8_t held = 0;  // the ports that it may hold, as bits
  };
  struct Made {
    PlannedCall call;
    std::uint8_t child = 0;  // accept(): where its socket goes
    bool creates = false;    // the socket is made for the call
  };

  bool makes_sense(const PlannedCall& call) const;
  bool in_order(const PlannedCall& call) const;
  bool commute(const PlannedCall& earlier, const PlannedCall& later) const;
  std::uint8_t footprint(const PlannedCall& call, const Socket& socket) const;
  bool chooses(const PlannedCall& call) const;
  const SequenceWorld::Kind& kind_of(std::uint8_t slot) const { return world_->kinds[slot % 2]; }

  const SequenceWorld* world_;
  bool from_nothing_;
  std::vector<Made> calls_;
  std::array<Socket, 4> sockets_{};
  std::array<Socket, 4> before_{};  // the last call
  bool connected_ = false;          // some connect() has been called
  bool chosen_ = false;             // some call has chosen a port or an address
  bool goes_on_ = true;
};

}  // namespace netlimits::fuzz
