// The names that the TCP sockets of one host hold: ports, four-tuples, and who listens where. Whether a port is free is
// decided by all three, so they live together, and so does what is derived from them (port_views.hpp).
//
// Taking a port is one of:
// - take(): bind() or listen() wants this port, or any (Limit::port_in_use, Limit::ephemeral_ports)
// - choose_for_connect(), then join(): connect() without a port of its own (Limit::ephemeral_ports)
// - holder() and join(): a port that is settled, of which only the four-tuple may be in the way (Limit::four_tuple)
// None of them knows of segments, timers or a Host.
//
// Asking changes nothing: what a choice could give is const, and its account is the caller's.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/net/time.hpp"
#include "model/ports/automatic_bind_port.hpp"
#include "model/ports/automatic_connect_port.hpp"
#include "model/ports/port_draw.hpp"
#include "model/ports/port_table.hpp"
#include "model/ports/port_views.hpp"
#include "model/sockets/configuration.hpp"
#include "model/sockets/listener_table.hpp"
#include "model/sockets/process_table.hpp"
#include "model/sockets/socket_table.hpp"
#include "model/sockets/tuple_table.hpp"
#include "model/systems/refusal.hpp"
#include "model/systems/rule_account.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits {

enum class SecondsClock : std::uint8_t;  // model/ports/tuple_takeover.hpp

// What connect() gives a name to: a local address without a port, and the remote endpoint.
struct Destination {
  AddressBits local;
  AddressBits remote;
  std::uint16_t remote_port;
};

// What an automatic choice can give under one draw or another.
struct PortChoices {
  std::vector<Port> ports{};     // those of each pass and half rising
  std::vector<Port> excused{};   // bind(): those of them that only the second pass can give
  bool may_find_none = false;    // some draw finds no port
  bool leaves_port_out = false;  // ... although one is acceptable: a range of odd size is not searched to the last
  bool holds(Port port) const { return std::find(ports.begin(), ports.end(), port) != ports.end(); }
};

class PortSpace {
 public:
  // All of them outlive the space.
  PortSpace(const Configuration& configuration, const ProcessTable& processes, SocketTable& sockets)
      : configuration_(configuration),
        processes_(processes),
        sockets_(sockets),
        ports_(configuration.rules().has(Rule::connect_revived_port)) {}

  // ---- ports (port_space.cpp)
  // Takes the port for the socket, as bind() does (0: an automatic one); for a socket that has one it repeats the test
  // of conflicts, as listen() does. Requires: port is 0 or, where the socket has one, that. EADDRINUSE (or what the
  // system says instead): Limit::port_in_use, or Limit::ephemeral_ports by the rule `automatic`.
  Outcome<void> take(SocketIndex index, std::uint16_t port, const PortDraw& draw, Rule automatic, RuleAccount& account);
  // The socket becomes an owner of the port beside those that are there: nothing is tested. Requires: it owns none.
  void join(SocketIndex index, std::uint16_t port) { hold(index, port, PortTable::Claim::join); }
  void release(SocketIndex index);  // nothing where it owns none
  void set_local(SocketIndex index, AddressBits address);

  // ---- automatic choices (bind_choice.cpp, connect_choice.cpp)
  std::optional<Port> choose_for_connect(const SocketRecord& socket, const Destination& to, const PortDraw& draw,
                                         SimTime now, RuleAccount& account);
  PortChoices possible_for_connect(const SocketRecord& socket, const Destination& to, SimTime now,
                                   RuleAccount& account) const;
  PortChoices possible_for_bind(const SocketRecord& socket, RuleAccount& account) const;

  // ---- four-tuples
  // Who has the four-tuple in the eyes of this socket; no_socket: nobody.
  SocketIndex holder(const SocketRecord& socket, const Destination& to, std::uint16_t port) const;
  // Who takes a segment that arrives with this four-tuple. `device`: yields the device that it came in on, and is asked
  // only where an entry is bound to one.
  template <class Device>
  SocketIndex receiver(const TupleKey& key, Device&& device) const {
    return tuples_.find(sockets_, key,
                        [&](const SocketRecord& record) { return record.device == 0 || record.device == device(); });
  }
  bool has_tuple(const TupleKey& key) const {
    return tuples_.find(sockets_, key, [](const SocketRecord&) { return true; }) != no_socket;
  }
  void enter_tuple(SocketIndex index);  // Requires: its four-tuple is complete, and it is not entered yet.
  void leave_tuple(SocketIndex index);  // nothing where it is not entered
  // The entry takes the place of the socket, in the four-tuple and among the owners of its port. Requires: the socket
  // is entered, and the entry has the same four-tuple and no port.
  void succeed(SocketIndex socket, SocketIndex entry);
  // The entry is in TIME_WAIT from now on: its four-tuple may be taken over in time.
  void time_wait_began(SocketIndex index);

  // ---- listeners
  void begin_listening(SocketIndex index);  // Requires: it owns its port.
  void end_listening(SocketIndex index);    // nothing where it does not listen
  ListenerTable::Found listener_for(const TupleKey& key, std::uint8_t arriving_device, GroupDraws* draws) const {
    return listeners_.find(sockets_, key, arriving_device, draws);
  }

  // Settings were written: what was derived from them is made anew when it is asked for.
  void settings_changed() { views_.clear(); }
  // Some socket has SO_BINDTODEVICE: four-tuples may from now on be there twice.
  void devices_in_use();
  void clear();

 private:
  const Settings& settings() const { return configuration_.settings(); }
  const Rules& rules() const { return configuration_.rules(); }
  std::uint32_t uid_of(const SocketRecord& record) const { return processes_.uid_of(record); }

  void hold(SocketIndex index, std::uint16_t port, PortTable::Claim claim);
  // Linux: no bind-bound owner. FreeBSD: no listener on a wildcard address.
  bool open_to_automatic_connect(std::uint16_t port) const {
    return rules().has(Rule::connect_skips_bind_bound) ? ports_.open_to_connect(port)
                                                       : !listeners_.wildcard_listener(port);
  }
  // Does the owner keep the newcomer from its port, when asked for by number?
  bool in_the_way(const SocketRecord& newcomer, const SocketRecord& owner, RuleAccount& account) const;
  // Can no owner of the port but itself overlap with it?
  bool alone_at_its_address(const SocketRecord& newcomer, std::uint16_t port);

  // ---- bind_choice.cpp
  // What a choice came to, and what in it decided.
  struct BindChoice {
    std::optional<Port> port{};
    bool second_pass = false;      // autobind_reuse's: an owner had to be excused
    bool leaves_port_out = false;  // nothing was found, although a port is acceptable
  };
  OwnerRule bind_rule() const {
    return rules().bound_sharing == PortSharing::host_port ? OwnerRule::any_owner : OwnerRule::overlapping_address;
  }
  bool autobind_reuse() const { return settings().autobind_reuse && rules().has(Rule::bind_second_pass); }
  bool conflicts_automatically(const SocketRecord& newcomer, std::uint16_t port, bool second_pass,
                               RuleAccount& account) const;
  bool acceptable_for_bind(const SocketRecord& newcomer, std::uint16_t port, bool second_pass,
                           RuleAccount& account) const;
  BindWalkShape bind_shape(const SocketRecord& socket, RuleAccount& account) const;
  std::optional<Port> choose_for_bind(const SocketRecord& socket, const PortDraw& draw, RuleAccount& account);
  BindChoice draw_for_bind(const SocketRecord& socket, const BindWalkShape& shape, std::uint32_t draw,
                           RuleAccount& account);

  // ---- connect_choice.cpp
  ConnectWalkShape connect_shape(const SocketRecord& socket, RuleAccount& account) const;
  bool acceptable_for_connect(const SocketRecord& socket, const Destination& to, std::uint16_t port, SimTime now,
                              RuleAccount& account, SecondsClock clock) const;
  PortChoices possible_for_followers(const SocketRecord& socket, const Destination& to, std::optional<Port> taken,
                                     SimTime now, RuleAccount& account) const;
  template <class Acceptable>
  PortChoices possible_where(const SocketRecord& socket, RuleAccount& account, Acceptable&& accepts) const;
  bool could_give(const SocketRecord& socket, const Destination& to, Port wanted, SimTime now,
                  RuleAccount& account) const;
  std::optional<Port> first_of_walk(const SocketRecord& socket, const Destination& to, const PortWalk& walk,
                                    SimTime now, RuleAccount& account);

  // ---- keeping the views up to date (port_view_upkeep.cpp)
  bool views_usable(const SocketRecord& socket) const { return !devices_used_ && socket.device == 0; }
  void owners_changed(const SocketRecord& owner, std::uint16_t port, bool was_open);
  void recheck_port(std::uint16_t port);
  TupleView& tuple_view_of(const Destination& to, SimTime now);
  OwnerView& owner_view_of(const SocketRecord& newcomer, OwnerRule rule);
  bool blocked_in(const TupleView& view, std::uint16_t port) const;
  bool blocked_in(const OwnerView& view, std::uint16_t port) const;

  const Configuration& configuration_;
  const ProcessTable& processes_;
  SocketTable& sockets_;
  PortTable ports_;
  TupleTable tuples_;
  ListenerTable listeners_;
  PortViews views_;
  bool devices_used_ = false;
};

}  // namespace netlimits
