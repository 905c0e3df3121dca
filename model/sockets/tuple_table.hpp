// Which socket has a four-tuple: connections in every state from SYN_SENT on, half-open requests, TIME_WAIT entries.
//
// The chains run through the records (SocketRecord::tuple_next), so an entry costs one more word than its socket.
// Their order never reaches a result: a four-tuple is there at most once (twice only on different devices).
#pragma once

#include <cstdint>
#include <vector>

#include "model/sockets/socket_table.hpp"

namespace netlimits {

struct TupleKey {
  AddressBits local;
  AddressBits remote;
  std::uint16_t local_port = 0;
  std::uint16_t remote_port = 0;
  bool operator==(const TupleKey&) const = default;
};

class TupleTable {
 public:
  // Requires: it is not there, and its four-tuple stays as it is from now on.
  void insert(SocketTable& sockets, SocketIndex index);
  // Requires: it is there.
  void erase(SocketTable& sockets, SocketIndex index);
  // The first entry with this key that `matches` accepts.
  template <class Matches>
  SocketIndex find(const SocketTable& sockets, const TupleKey& key, Matches&& matches) const {
    if (heads_.empty()) return no_socket;
    SocketIndex at = heads_[hash(key) & (heads_.size() - 1)];
    for (; at != no_socket; at = sockets[at].tuple_next)
      if (same(sockets[at], key) && matches(sockets[at])) return at;
    return no_socket;
  }
  std::size_t size() const { return size_; }
  void clear();

 private:
  static std::uint64_t hash(const TupleKey& key);
  static TupleKey key_of(const SocketRecord& record) {
    return {record.local, record.remote, record.local_port, record.remote_port};
  }
  static bool same(const SocketRecord& record, const TupleKey& key) {
    return record.remote_port == key.remote_port && record.local_port == key.local_port &&
           record.remote == key.remote && record.local == key.local;
  }
  void grow(SocketTable& sockets);

  std::vector<SocketIndex> heads_;  // a power of two
  std::size_t size_ = 0;
};

}  // namespace netlimits
