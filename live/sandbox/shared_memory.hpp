// Memory that a process and those it forks have in common, and a way to wait in it. Costs no descriptor, so it can
// control a process that has none to spare.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

#include "live/sandbox/unavailable.hpp"

namespace netlimits::live {

// Anonymous zero-filled pages, shared over fork(). Unmapped with the object; each process has its own mapping.
class SharedMemory {
 public:
  static SystemResult<SharedMemory> of(std::size_t bytes);
  SharedMemory(SharedMemory&& other) noexcept
      : start_(std::exchange(other.start_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}
  SharedMemory& operator=(SharedMemory&& other) noexcept {
    std::swap(start_, other.start_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  ~SharedMemory();

  std::size_t bytes() const { return bytes_; }
  std::byte* start() const { return start_; }

 private:
  SharedMemory(std::byte* start, std::size_t bytes) : start_(start), bytes_(bytes) {}

  std::byte* start_ = nullptr;
  std::size_t bytes_ = 0;
};

// `count` values of T in shared memory. T has no pointers and no destructor to run.
template <class T>
class SharedArray {
  static_assert(std::is_trivially_destructible_v<T>);

 public:
  static SystemResult<SharedArray> of(std::size_t count) {
    auto memory = SharedMemory::of(sizeof(T) * (count == 0 ? 1 : count));
    if (!memory) return tl::unexpected<SystemFailure>(std::move(memory.error()));
    return SharedArray(std::move(*memory), count);
  }
  T& operator[](std::size_t index) const { return items()[index]; }
  std::size_t size() const { return count_; }
  std::span<T> all() const { return {items(), count_}; }

 private:
  SharedArray(SharedMemory memory, std::size_t count) : memory_(std::move(memory)), count_(count) {
    for (std::size_t index = 0; index < count_; ++index) new (memory_.start() + index * sizeof(T)) T();
  }
  T* items() const { return std::launder(reinterpret_cast<T*>(memory_.start())); }

  SharedMemory memory_;
  std::size_t count_;
};

// Sleeps while `word` is `seen`, at most `patience`. May return early: the caller looks again.
void wait_while(const std::atomic<std::uint32_t>& word, std::uint32_t seen, std::chrono::nanoseconds patience);
void wake_all(const std::atomic<std::uint32_t>& word);

}  // namespace netlimits::live
