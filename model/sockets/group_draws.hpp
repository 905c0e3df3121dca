// Which member of a SO_REUSEPORT group takes a connection: a hash with a secret that a kernel draws at boot.
//
// Source: net/core/sock_reuseport.c, reuseport_select_sock_by_hash; net/ipv4/inet_hashtables.c, inet_ehashfn (6.18).
//
// A host without GroupDraws chooses by a fixed hash of its own. Whoever follows a live kernel demands members, and
// others when the runs part.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "model/sockets/tuple_table.hpp"

namespace netlimits {

class GroupDraws {
 public:
  struct Draw {
    TupleKey key;
    std::uint32_t size = 0;    // of the group
    std::uint32_t member = 0;  // below size
  };

  // The members of the draws to come, in their order, each taken modulo its group's size; then always the first.
  explicit GroupDraws(std::vector<std::uint32_t> demanded) : demanded_(std::move(demanded)) {}

  // The same four-tuple and the same size give the same member again, as a hash does.
  std::uint32_t member(const TupleKey& key, std::uint32_t size) {
    for (const Draw& before : draws_)
      if (before.size == size && before.key == key) return before.member;
    const std::uint32_t member = draws_.size() < demanded_.size() ? demanded_[draws_.size()] % size : 0;
    draws_.push_back({key, size, member});
    return member;
  }
  const std::vector<Draw>& draws() const { return draws_; }

 private:
  std::vector<std::uint32_t> demanded_;
  std::vector<Draw> draws_;
};

// Who of a group of `size` takes what comes with this four-tuple: as the draws say, or by the fixed hash without them.
// Requires: size > 0.
std::uint32_t group_member(GroupDraws* draws, const TupleKey& key, std::uint32_t size);

}  // namespace netlimits
