// Which listener takes a SYN.
//
// Source: net/ipv4/inet_hashtables.c, __inet_lookup_listener and compute_score; inet6_hashtables.c; 6.18. One bound to
// the SYN's very address is preferred to a wildcard; among equals one bound to the arriving device, then one of the
// SYN's own family; then the one that listened last - but an IPv6 listener with SO_REUSEPORT goes behind those that are
// there already (inet_hash2).
// The first one on the way that is the best so far and has SO_REUSEPORT ends the search: its group shares the SYNs by a
// hash of the four-tuple (GroupDraws). Sockets join a group when they begin to listen (inet_reuseport_add_sock) and
// stay in it whatever becomes of their option.
#pragma once

#include <cstdint>
#include <vector>

#include "model/sockets/group_draws.hpp"
#include "model/sockets/socket_table.hpp"
#include "model/sockets/tuple_table.hpp"
#include "model/systems/rule.hpp"

namespace netlimits {

class ListenerTable {
 public:
  void insert(SocketTable& sockets, SocketIndex index);  // Requires: it is not there, and holds its port.
  void erase(SocketTable& sockets, SocketIndex index);   // Requires: it is there, and still holds its port.

  struct Found {
    SocketIndex socket = no_socket;
    Rule by = no_rule;  // what decided between several that fit
  };
  // `key` as the host sees it: local is the SYN's destination. `draws`: nothing for the fixed hash.
  Found find(const SocketTable& sockets, const TupleKey& key, std::uint8_t arriving_device, GroupDraws* draws) const;
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
    std::uint32_t group;  // of SO_REUSEPORT; 0: none
  };
  using Place = std::vector<Entry>::const_iterator;
  std::vector<Entry>::iterator first_of(std::uint16_t port);
  static Found member_of(const SocketTable& sockets, Place begin, Place end, const Entry& first, const TupleKey& key,
                         GroupDraws* draws);

  std::vector<Entry> entries_;  // by port, then in the order in which a lookup meets them
  std::uint32_t groups_ = 0;
};

}  // namespace netlimits
