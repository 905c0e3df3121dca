// The hash of a four-tuple, and the chains of the table.
#include "model/sockets/tuple_table.hpp"

#include <bit>

#include <boost/assert.hpp>

namespace netlimits {

std::uint64_t TupleTable::hash(const TupleKey& key) {
  // Odd constants from the golden ratio and pi; the last steps spread the high bits down.
  std::uint64_t mixed = (key.local.low ^ std::rotl(key.local.high, 29)) * 0x9e3779b97f4a7c15ULL;
  mixed ^= (key.remote.low ^ std::rotl(key.remote.high, 17)) * 0x243f6a8885a308d3ULL;
  mixed = std::rotl(mixed, 31) + ((std::uint64_t{key.local_port} << 16U) | key.remote_port) * 0xd1342543de82ef95ULL;
  mixed ^= mixed >> 32U;
  mixed *= 0x9e3779b97f4a7c15ULL;
  return mixed ^ (mixed >> 29U);
}

void TupleTable::insert(SocketTable& sockets, SocketIndex index) {
  BOOST_ASSERT_MSG(!sockets[index].in_tuples, "TupleTable::insert: it is not there");
  if (size_ >= heads_.size()) grow(sockets);
  SocketIndex& head = heads_[hash(key_of(sockets[index])) & (heads_.size() - 1)];
  sockets[index].tuple_next = head;
  sockets[index].in_tuples = true;
  head = index;
  ++size_;
}

void TupleTable::erase(SocketTable& sockets, SocketIndex index) {
  BOOST_ASSERT_MSG(sockets[index].in_tuples, "TupleTable::erase: it is there");
  SocketIndex* at = &heads_[hash(key_of(sockets[index])) & (heads_.size() - 1)];
  while (*at != index) {
    BOOST_ASSERT_MSG(*at != no_socket, "TupleTable::erase: its four-tuple is the one that it came with");
    at = &sockets[*at].tuple_next;
  }
  *at = sockets[index].tuple_next;
  sockets[index].tuple_next = no_socket;
  sockets[index].in_tuples = false;
  --size_;
}

void TupleTable::grow(SocketTable& sockets) {
  std::vector<SocketIndex> old(heads_.empty() ? 2 : heads_.size() * 2, no_socket);
  old.swap(heads_);
  for (SocketIndex at : old) {
    while (at != no_socket) {
      const SocketIndex next = sockets[at].tuple_next;
      SocketIndex& head = heads_[hash(key_of(sockets[at])) & (heads_.size() - 1)];
      sockets[at].tuple_next = head;
      head = at;
      at = next;
    }
  }
}

void TupleTable::clear() {
  heads_.clear();
  heads_.shrink_to_fit();
  size_ = 0;
}

}  // namespace netlimits
