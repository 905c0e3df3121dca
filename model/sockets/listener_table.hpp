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

#include <compare>
#include <cstdint>
#include <map>
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
  bool wildcard_listener(std::uint16_t port) const;
  template <class Visit>
  void each_wildcard_port(Visit&& visit) const {
    for (const auto& [key, entry] : entries_)
      if (key.local.is_any()) visit(key.port);
  }
  void clear() {
    entries_.clear();
    members_.clear();
  }

 private:
  // In the order in which a look-up meets those of one address: the lowest place first.
  struct Key {
    std::uint16_t port;
    AddressBits local;
    std::int64_t place;
    auto operator<=>(const Key&) const = default;
  };
  struct Entry {
    SocketIndex socket;
    std::uint32_t group;  // of SO_REUSEPORT; 0: none
  };
  using Entries = std::map<Key, Entry>;
  using Place = Entries::const_iterator;
  struct Range {
    Place begin;
    Place end;
  };
  Range at(std::uint16_t port, AddressBits local) const;
  Found best_of(const SocketTable& sockets, Range one, Range other, const TupleKey& key, std::uint8_t arriving_device,
                GroupDraws* draws) const;
  Found member_of(const Entry& first, const TupleKey& key, GroupDraws* draws) const;

  Entries entries_;
  std::int64_t front_ = 0;  // the lowest place given
  std::int64_t back_ = 0;   // the highest one
  std::uint32_t groups_ = 0;
  std::map<std::uint32_t, std::vector<SocketIndex>> members_;  // of each group, in the order of their creation
};

}  // namespace netlimits
