// Which listener takes a SYN.
//
// Source: net/ipv4/inet_hashtables.c, __inet_lookup_listener and compute_score; inet6_hashtables.c; 6.18. One bound to
// the SYN's very address is preferred to a wildcard; among equals one bound to the arriving device, then one of the
// SYN's own family; then the one that listened last. If that one has SO_REUSEPORT, its group shares the SYNs by a hash
// of the four-tuple (a system draws a secret for it at boot; here the hash is fixed, so a run can be repeated).
#pragma once

#include <cstdint>
#include <vector>

#include "model/socket_table.hpp"
#include "model/tuple_table.hpp"

namespace netlimits {

class ListenerTable {
 public:
  void insert(SocketTable& sockets, SocketIndex index);
  void erase(SocketTable& sockets, SocketIndex index);  // Requires: it is there, and still holds its port.
  // `key` as the host sees it: local is the SYN's destination. Nothing: no_socket.
  SocketIndex find(const SocketTable& sockets, const TupleKey& key, std::uint8_t arriving_device) const;
  // Does a listener on a wildcard address hold the port?
  bool wildcard_listener(const SocketTable& sockets, std::uint16_t port) const;
  template <class Visit>
  void each_wildcard_port(const SocketTable& sockets, Visit&& visit) const {
    for (const Entry& entry : entries_)
      if (sockets[entry.socket].local.is_any()) visit(entry.port);
  }
  void clear() { entries_.clear(); }

 private:
  struct Entry {
    std::uint16_t port;
    SocketIndex socket;
  };
  std::vector<Entry> entries_;  // by port, the latest listener first
};

}  // namespace netlimits
