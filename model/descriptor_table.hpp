// The descriptors of one process. The limit (RLIMIT_NOFILE) bounds the number of a descriptor: 0 .. limit - 1, lowest
// free one first. Numbers are never forced here (no dup2), so the count of open ones says the same.
// Measured on 6.18: soft limits of 16, 64, 2048 leave 13, 61, 2045 sockets beside descriptors 0, 1, 2.
#pragma once

#include <algorithm>
#include <cstdint>

namespace netlimits {

class DescriptorTable {
 public:
  DescriptorTable(std::uint64_t limit, std::uint64_t open) : limit_(limit), open_(open), peak_(open) {}

  bool full() const { return open_ >= limit_; }
  std::uint64_t free() const { return full() ? 0 : limit_ - open_; }
  void open(std::uint64_t count = 1) {
    open_ += count;
    peak_ = std::max(peak_, open_);
  }
  void close(std::uint64_t count = 1) { open_ -= std::min(count, open_); }

  std::uint64_t limit() const { return limit_; }
  std::uint64_t in_use() const { return open_; }
  std::uint64_t peak() const { return peak_; }

 private:
  std::uint64_t limit_;
  std::uint64_t open_;
  std::uint64_t peak_;
};

}  // namespace netlimits
