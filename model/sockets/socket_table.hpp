// The sockets of one host, by number. Slots are used again; a SocketId's generation tells one use from the next.
// Records never move.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

#include "model/sockets/socket_record.hpp"

namespace netlimits {

class SocketTable {
 public:
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

  void destroy(SocketIndex index) {
    SocketRecord& record = *slot(index);
    record.generation = 0;
    record.queue_next = first_free_;
    first_free_ = index;
  }

  SocketId id(SocketIndex index) const { return {index, slot(index)->generation}; }
  bool knows(SocketId id) const {
    return id.index < used_ && slot(id.index)->generation == id.generation && id.generation != 0;
  }
  // Slots 0 .. used()-1 have been in use at some time.
  SocketIndex used() const { return used_; }

  void clear() {  // generations go on: an old SocketId stays unknown
    chunks_.clear();
    used_ = 0;
    first_free_ = no_socket;
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
  SocketRecord* slot(SocketIndex index) const { return &chunks_[chunk_of(index)][place_in_chunk(index)]; }

  std::vector<std::unique_ptr<SocketRecord[]>> chunks_;
  SocketIndex used_ = 0;
  SocketIndex first_free_ = no_socket;
  std::uint32_t generations_ = 0;
};

}  // namespace netlimits
