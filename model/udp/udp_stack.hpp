// UDP on one host: ports of its own, peers, what is sent and what has come.
//
// Source: net/ipv4/udp.c, net/ipv6/udp.c, net/ipv4/datagram.c; 6.18. Each function names the kernel's own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "model/addresses/own_addresses.hpp"
#include "model/net/segment.hpp"
#include "model/ports/port_draw.hpp"
#include "model/ports/port_table.hpp"
#include "model/sockets/configuration.hpp"
#include "model/sockets/effects.hpp"
#include "model/sockets/process_table.hpp"
#include "model/sockets/socket_table.hpp"
#include "model/sockets/tuple_table.hpp"
#include "model/systems/refusal.hpp"
#include "model/systems/rule_account.hpp"

namespace netlimits {

class UdpStack {
 public:
  // All of them outlive the stack.
  UdpStack(const Configuration& configuration, const OwnAddresses& addresses, const ProcessTable& processes,
           SocketTable& sockets, RuleAccount& account)
      : configuration_(configuration),
        addresses_(addresses),
        processes_(processes),
        sockets_(sockets),
        account_(account) {}

  // ---- ports (udp_ports.cpp)
  // Takes the port for the socket (0: an automatic one). EADDRINUSE: Limit::port_in_use or Limit::ephemeral_ports.
  // Requires: the socket has none.
  Outcome<void> take(SocketIndex index, std::uint16_t port, const PortDraw& draw);
  // What an automatic choice could give now. Its account is the caller's.
  std::vector<Port> possible_ports(const SocketRecord& socket, RuleAccount& account) const;

  // ---- calls. Their errors: model/host/host.hpp. Requires: the index is of a datagram socket with a descriptor.
  Outcome<void> connect(SocketIndex index, Endpoint remote, const PortDraw& draw);
  void disconnect(SocketIndex index);
  Outcome<std::uint32_t> send(SocketIndex index, std::uint32_t bytes, const std::optional<Endpoint>& to,
                              const PortDraw& draw, Effects& effects);
  Outcome<std::uint32_t> receive(SocketIndex index);
  bool readable(const SocketRecord& socket) const;
  Outcome<void> shutdown(SocketIndex index, bool read, bool write);
  void close(SocketIndex index);  // its last descriptor is gone

  void deliver(const Segment& segment, Effects& effects);
  void lose_everything() { ports_.reset(); }  // the sockets themselves are the table's

 private:
  const Settings& settings() const { return configuration_.settings(); }
  const Rules& rules() const { return account_.rules(); }

  // ---- ports (udp_ports.cpp)
  bool conflict(const SocketRecord& newcomer, SocketIndex self, std::uint16_t port, bool automatic,
                RuleAccount& account) const;
  std::optional<Port> choose_port(SocketIndex index, const PortDraw& draw);
  Outcome<void> bind_if_unbound(SocketIndex index, const PortDraw& draw);
  void release(SocketIndex index);

  // ---- places in the lists of a lookup (udp_ports.cpp)
  void join_group(SocketIndex index);
  void file_by_tuple(SocketIndex index);
  void move_place(SocketIndex index);

  Outcome<Route> route(const SocketRecord& socket, Endpoint remote, bool connecting);
  SocketIndex receiver(const TupleKey& key, std::uint8_t device);
  SocketIndex member_of_group(SocketIndex first, const TupleKey& key);

  const Configuration& configuration_;
  const OwnAddresses& addresses_;
  const ProcessTable& processes_;
  SocketTable& sockets_;
  RuleAccount& account_;
  std::unique_ptr<PortTable> ports_;  // most hosts have no datagram socket
  std::uint32_t groups_ = 0;          // SO_REUSEPORT groups that there have been
  std::int64_t first_place_ = 0;      // DatagramPlace: the latest first place that was given
  std::int64_t last_place_ = 0;       // ... and the latest last one
};

}  // namespace netlimits
