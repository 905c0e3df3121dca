// The events of virtual time, in a total order: time, then turn, then the order in which they were pushed.
//
// Contract: pop() returns exactly what a heap ordered by (time, turn, sequence) would. Many events have a constant
// delay (TIME_WAIT, round trips, timeouts), so within one lane they are pushed in the order of their times; a lane is a
// plain first-in-first-out chain, and only what arrives out of order in its lane goes through the heap.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "model/net/time.hpp"

namespace netlimits::sim {

// Payload: a small trivially copyable value. Lanes: how many constant delays to keep apart.
template <class Payload, std::size_t Lanes>
class EventQueue {
 public:
  struct Entry {
    SimTime at;
    std::uint64_t order;  // the turn in the highest byte, then the number of the push
    Payload payload;
  };

  // Requires: at is not before the time of the last popped entry; lane < Lanes; all entries of a lane have one turn.
  void push(SimTime at, std::size_t lane, const Payload& payload, std::uint8_t turn = 0) {
    assert(at >= now_);
    const Entry entry{at, std::uint64_t{turn} << 56U | next_sequence_++, payload};
    Lane& chain = lanes_[lane];
    std::size_t source = lane;
    if (chain.empty() || chain.back().at <= at) {
      chain.push(entry);
    } else {
      source = heap_source;
      heap_.push_back(entry);
      sift_up(heap_.size() - 1);
    }
    if (size_ == 0 || before(entry, peek(next_source_))) next_source_ = source;
    ++size_;
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  // The next entry, until the queue changes. Requires: !empty().
  const Entry& next() const {
    assert(size_ > 0);
    return peek(next_source_);
  }

  std::optional<Entry> pop() {
    if (size_ == 0) return std::nullopt;
    const Entry entry = peek(next_source_);
    if (next_source_ == heap_source) {
      pop_heap();
    } else {
      lanes_[next_source_].pop();
    }
    if (--size_ > 0) next_source_ = best_source();
    assert(entry.at >= now_);
    now_ = entry.at;
    return entry;
  }

  // Takes entries out of which `keep(payload)` says that nothing would come of them. The order of the others stays, and
  // so does the time of the last one: of each chain, and of the heap, the latest entry is kept whatever it is.
  template <class Keep>
  void keep_if(Keep&& keep) {
    const auto of_no_use = [&](const Entry& entry) { return !keep(entry.payload); };
    size_ = 0;
    for (Lane& chain : lanes_) size_ += chain.leave_out(of_no_use);
    if (!heap_.empty()) {
      const Entry latest = *std::max_element(heap_.begin(), heap_.end(), before);
      std::erase_if(heap_, [&](const Entry& entry) { return entry.order != latest.order && of_no_use(entry); });
      heap_.shrink_to_fit();
      // In order is a heap, too.
      std::sort(heap_.begin(), heap_.end(), before);
      size_ += heap_.size();
    }
    if (size_ > 0) next_source_ = best_source();
  }

 private:
  static constexpr std::size_t heap_source = Lanes;
  static constexpr std::size_t arity = 4;

  // A chain in one vector: consumed from the front, compacted when more than half of it is consumed.
  class Lane {
   public:
    bool empty() const { return head_ == entries_.size(); }
    const Entry& front() const { return entries_[head_]; }
    const Entry& back() const { return entries_.back(); }
    void push(const Entry& entry) { entries_.push_back(entry); }
    void pop() {
      ++head_;
      if (head_ == entries_.size()) {
        entries_.clear();
        head_ = 0;
      } else if (head_ >= 4096 && head_ * 2 >= entries_.size()) {
        entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(head_));
        head_ = 0;
      }
    }
    template <class OfNoUse>
    std::size_t leave_out(OfNoUse&& of_no_use) {
      if (empty()) return 0;
      const Entry last = entries_.back();
      entries_.pop_back();
      entries_.erase(entries_.begin(), entries_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
      std::erase_if(entries_, of_no_use);
      entries_.push_back(last);
      entries_.shrink_to_fit();
      return entries_.size();
    }

   private:
    std::vector<Entry> entries_;
    std::size_t head_ = 0;
  };

  static bool before(const Entry& a, const Entry& b) { return a.at < b.at || (a.at == b.at && a.order < b.order); }

  const Entry& peek(std::size_t source) const { return source == heap_source ? heap_.front() : lanes_[source].front(); }

  std::size_t best_source() const {
    std::size_t best = heap_source;
    bool found = !heap_.empty();
    for (std::size_t i = 0; i < Lanes; ++i) {
      if (lanes_[i].empty()) continue;
      if (!found || before(lanes_[i].front(), peek(best))) {
        best = i;
        found = true;
      }
    }
    return best;
  }

  void sift_up(std::size_t child) {
    const Entry entry = heap_[child];
    while (child > 0) {
      const std::size_t parent = (child - 1) / arity;
      if (!before(entry, heap_[parent])) break;
      heap_[child] = heap_[parent];
      child = parent;
    }
    heap_[child] = entry;
  }

  void pop_heap() {
    const Entry entry = heap_.back();
    heap_.pop_back();
    if (heap_.empty()) return;
    std::size_t parent = 0;
    for (;;) {
      const std::size_t first = parent * arity + 1;
      if (first >= heap_.size()) break;
      std::size_t least = first;
      for (std::size_t child = first + 1; child < heap_.size() && child < first + arity; ++child) {
        if (before(heap_[child], heap_[least])) least = child;
      }
      if (!before(heap_[least], entry)) break;
      heap_[parent] = heap_[least];
      parent = least;
    }
    heap_[parent] = entry;
  }

  std::array<Lane, Lanes> lanes_;
  std::vector<Entry> heap_;
  std::size_t size_ = 0;
  std::size_t next_source_ = heap_source;  // where the next entry is; nothing while the queue is empty
  std::uint64_t next_sequence_ = 0;        // 56 bits are left for it: centuries of pushes, so ties keep their order
  SimTime now_{};
};

}  // namespace netlimits::sim
