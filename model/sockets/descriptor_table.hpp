// The descriptors of one process. The limit (RLIMIT_NOFILE) bounds the number of a descriptor: 0 .. limit - 1, lowest
// free one first. Numbers are never forced here (no dup2), so the count of open ones says the same.
// Measured on 6.18: soft limits of 16, 64, 2048 leave 13, 61, 2045 sockets beside descriptors 0, 1, 2.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include <boost/assert.hpp>

namespace netlimits {

class DescriptorTable {
 public:
  // `own`: descriptors 0 .. own - 1 are open from the beginning, and stay.
  DescriptorTable(std::uint64_t limit, std::uint32_t own) : limit_(limit), open_(own), peak_(own), beyond_(own) {}

  bool full() const { return open_ >= limit_; }
  std::uint64_t free() const { return full() ? 0 : limit_ - open_; }

  // Takes the lowest free number.
  std::uint32_t open() {
    peak_ = std::max(peak_, ++open_);
    if (given_back_.empty()) return beyond_++;
    std::pop_heap(given_back_.begin(), given_back_.end(), std::greater<>());
    const std::uint32_t number = given_back_.back();
    given_back_.pop_back();
    return number;
  }
  // Requires: open() gave the number, and it is open.
  void close(std::uint32_t number) {
    BOOST_ASSERT_MSG(open_ > 0 && number < beyond_, "DescriptorTable::close: open() gave the number");
    --open_;
    given_back_.push_back(number);
    std::push_heap(given_back_.begin(), given_back_.end(), std::greater<>());
  }

  // Descriptors that nobody asks for by number.
  void open_files(std::uint64_t count) {
    for (; count > 0; --count) files_.push_back(open());
  }
  // The latest first. Returns how many there were to close.
  std::uint64_t close_files(std::uint64_t count) {
    const std::uint64_t closing = std::min<std::uint64_t>(count, files_.size());
    for (std::uint64_t left = closing; left > 0; --left) {
      close(files_.back());
      files_.pop_back();
    }
    return closing;
  }
  void close_all() { *this = DescriptorTable(limit_, 0, peak_); }

  std::uint64_t limit() const { return limit_; }
  std::uint64_t in_use() const { return open_; }
  std::uint64_t peak() const { return peak_; }

 private:
  DescriptorTable(std::uint64_t limit, std::uint32_t own, std::uint64_t peak)
      : limit_(limit), open_(own), peak_(peak), beyond_(own) {}

  std::uint64_t limit_;
  std::uint64_t open_;
  std::uint64_t peak_;
  std::uint32_t beyond_;                   // no number from here on has ever been open
  std::vector<std::uint32_t> given_back_;  // below it and free: a heap, the lowest on top
  std::vector<std::uint32_t> files_;
};

}  // namespace netlimits
