// The events of virtual time, in a total order: time, then the order in which they were pushed.
//
// Contract: pop() returns exactly what a heap ordered by (time, sequence) would. Many events have a constant delay
// (TIME_WAIT, round trips, timeouts), so within one lane they are pushed in the order of their times; a lane is a plain
// first-in-first-out chain, and only what arrives out of order in its lane goes through the heap.
#pragma once

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
    std::uint64_t sequence;
    Payload payload;
  };

  // Requires: at is not before the time of the last popped entry; lane < Lanes.
  void push(SimTime at, std::size_t lane, const Payload& payload) {
    assert(at >= now_);
    const Entry entry{at, next_sequence_++, payload};
    Lane& chain = lanes_[lane];
    if (chain.empty() || chain.back().at <= at) {
      chain.push(entry);
    } else {
      heap_.push_back(entry);
      sift_up(heap_.size() - 1);
    }
    ++size_;
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  // The time of the next entry. Requires: !empty().
  SimTime next_time() const { return peek(best_source()).at; }

  std::optional<Entry> pop() {
    if (size_ == 0) return std::nullopt;
    const std::size_t source = best_source();
    const Entry entry = peek(source);
    if (source == heap_source) {
      pop_heap();
    } else {
      lanes_[source].pop();
    }
    --size_;
    assert(entry.at >= now_);
    now_ = entry.at;
    return entry;
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

   private:
    std::vector<Entry> entries_;
    std::size_t head_ = 0;
  };

  static bool before(const Entry& a, const Entry& b) {
    return a.at < b.at || (a.at == b.at && a.sequence < b.sequence);
  }

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
  std::uint64_t next_sequence_ = 0;  // 64 bits: never wraps, so ties keep push order for good
  SimTime now_{};
};

}  // namespace netlimits::sim
