// The sockets of one host, by number, and what few of them have beside their record. Slots are used again; a SocketId's
// generation tells one use from the next. Records never move; extras do, when another socket gets some.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

#include <boost/assert.hpp>

#include "model/sockets/socket_record.hpp"
#include "model/systems/refusal.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits {

class SocketTable {
 public:
  // Requires: the slot has been in use.
  SocketRecord& operator[](SocketIndex index) { return *slot(index); }
  const SocketRecord& operator[](SocketIndex index) const { return *slot(index); }

  SocketIndex create() {
    SocketIndex index = first_free_;
    if (index != no_socket) {
      first_free_ = slot(index)->queue_next;
    } else {
      index = used_;
      if (chunk_of(index) == chunks_.size())
        chunks_.push_back(std::make_unique<SocketRecord[]>(chunk_size(chunks_.size())));
      ++used_;
    }
    *slot(index) = SocketRecord{};
    slot(index)->generation = ++generations_;
    if (generations_ == 0) slot(index)->generation = ++generations_;
    return index;
  }

  // Requires: it is there, and in no other table.
  void destroy(SocketIndex index) {
    SocketRecord& record = *slot(index);
    BOOST_ASSERT_MSG(record.is_live() && !record.in_tuples && !record.in_listeners && record.held_port == 0,
                     "SocketTable::destroy: it is there, and in no other table");
    drop_extras(index);
    record.generation = 0;
    record.queue_next = first_free_;
    first_free_ = index;
  }

  SocketId id(SocketIndex index) const { return {index, slot(index)->generation}; }
  bool knows(SocketId id) const {
    return id.index < used_ && slot(id.index)->generation == id.generation && id.generation != 0;
  }
  // The socket behind a descriptor, or EBADF.
  Outcome<SocketIndex> open(SocketId id) const {
    if (!knows(id) || !slot(id.index)->descriptor) return refuse(Error::ebadf, Rule::descriptor_not_open);
    return id.index;
  }

  // ---- extras
  bool has_extras(SocketIndex index) const { return slot(index)->extras != no_extras; }
  // Requires: it has some. A listener does, and a datagram socket with a port.
  SocketExtras& extras(SocketIndex index) {
    BOOST_ASSERT_MSG(has_extras(index), "SocketTable::extras: it has some");
    return extras_[slot(index)->extras];
  }
  const SocketExtras& extras(SocketIndex index) const {
    BOOST_ASSERT_MSG(has_extras(index), "SocketTable::extras: it has some");
    return extras_[slot(index)->extras];
  }
  // nullptr where it has none. The record may be a copy.
  const SocketExtras* extras_if_any(const SocketRecord& record) const {
    return record.extras == no_extras ? nullptr : &extras_[record.extras];
  }
  // Gives it some where it has none.
  SocketExtras& extras_of(SocketIndex index) {
    SocketRecord& record = *slot(index);
    if (record.extras != no_extras) return extras_[record.extras];
    if (free_extras_.empty()) {
      record.extras = static_cast<std::uint32_t>(extras_.size());
      return extras_.emplace_back();
    }
    record.extras = free_extras_.back();
    free_extras_.pop_back();
    return extras_[record.extras] = SocketExtras{};
  }
  void drop_extras(SocketIndex index) {
    SocketRecord& record = *slot(index);
    if (record.extras == no_extras) return;
    extras_[record.extras] = SocketExtras{};
    free_extras_.push_back(record.extras);
    record.extras = no_extras;
  }

  // Slots 0 .. used()-1 have been in use at some time.
  SocketIndex used() const { return used_; }

  void clear() {  // generations go on: an old SocketId stays unknown
    chunks_.clear();
    used_ = 0;
    first_free_ = no_socket;
    extras_.clear();
    free_extras_.clear();
  }

 private:
  // Chunks of 1, 1, 2, 4, ... 2048 records, then 4096 each: a host with one socket costs little, and ten million are
  // never copied.
  static constexpr std::uint32_t full_chunk = 4096;
  static constexpr std::size_t growing_chunks = std::bit_width(full_chunk);
  static constexpr std::size_t chunk_of(SocketIndex index) {
    if (index < full_chunk) return static_cast<std::size_t>(std::bit_width(index));
    return growing_chunks - 1 + index / full_chunk;
  }
  static constexpr std::size_t chunk_size(std::size_t chunk) {
    if (chunk == 0) return 1;
    return chunk < growing_chunks ? std::size_t{1} << (chunk - 1) : full_chunk;
  }
  static constexpr std::uint32_t place_in_chunk(SocketIndex index) {
    return index < full_chunk ? index - std::bit_floor(index) : index % full_chunk;
  }
  SocketRecord* slot(SocketIndex index) const {
    BOOST_ASSERT_MSG(index < used_, "SocketTable: the slot has been in use");
    return &chunks_[chunk_of(index)][place_in_chunk(index)];
  }

  std::vector<std::unique_ptr<SocketRecord[]>> chunks_;
  SocketIndex used_ = 0;
  SocketIndex first_free_ = no_socket;
  std::uint32_t generations_ = 0;
  std::vector<SocketExtras> extras_;
  std::vector<std::uint32_t> free_extras_;
};

}  // namespace netlimits
