// The event loop of one worker process: its descriptors, what they are for, timers, and the count that the descriptor
// limit is about.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <vector>

#include "live/run/shared_records.hpp"
#include "model/net/bounded_time.hpp"

namespace netlimits::live {

enum class Role : std::uint8_t { none, listener, accepted, outgoing };

struct LoopEvent {
  Role role = Role::none;
  int descriptor = -1;
  std::uint32_t events = 0;  // EPOLL...
};

enum class TimerUse : std::uint8_t { close_accepted, close_outgoing, retry, paced_accept };

struct LoopTimer {
  std::int64_t at = 0;  // nanoseconds after the start of the run
  std::uint64_t sequence = 0;
  TimerUse use{};
  int descriptor = -1;
  std::uint32_t generation = 0;  // of the descriptor: it may have been closed and its number given again
  std::uint64_t payload = 0;
  bool operator>(const LoopTimer& other) const { return at != other.at ? at > other.at : sequence > other.sequence; }
};

class WorkerLoop {
 public:
  // `held`: descriptors that the process has already.
  WorkerLoop(int epoll, std::uint64_t held, const SharedRecords& records, WorkerRecord& record);

  // Nanoseconds after the start of the run.
  std::int64_t now() const { return monotonic_nanoseconds() - started_at_; }
  void set_start(std::int64_t started_at) { started_at_ = started_at; }

  // Takes over an open descriptor: `events` as epoll_ctl takes them, 0: not watched.
  void add(int descriptor, Role role, std::uint32_t events);
  void watch(int descriptor, std::uint32_t events);
  void close(int descriptor);
  // A descriptor that was opened and closed at once also counts for the peak.
  void note_opened();
  void note_closed();

  std::uint32_t generation(int descriptor) const { return entry(descriptor).generation; }
  bool is_current(int descriptor, std::uint32_t generation) const;
  Role role(int descriptor) const;

  void at(std::int64_t time, TimerUse use, int descriptor, std::uint64_t payload = 0);
  void after(Duration delay, TimerUse use, int descriptor, std::uint64_t payload = 0) {
    at(bounded_sum(Duration(now()), delay).count(), use, descriptor, payload);
  }
  std::optional<std::int64_t> next_timer() const;
  std::optional<LoopTimer> due_timer(std::int64_t now);  // takes it; timers of closed descriptors are passed over

  // Waits at most `patience` nanoseconds for events and hands each to `handle`. Returns how many there were.
  std::size_t wait(std::int64_t patience, const std::function<void(const LoopEvent&)>& handle);

 private:
  struct Entry {
    Role role = Role::none;
    std::uint32_t generation = 0;
    bool watched = false;
  };
  const Entry& entry(int descriptor) const { return entries_[static_cast<std::size_t>(descriptor)]; }
  Entry& entry(int descriptor) { return entries_[static_cast<std::size_t>(descriptor)]; }

  int epoll_;
  std::int64_t started_at_ = 0;
  std::uint64_t open_;
  std::uint64_t next_sequence_ = 0;
  WorkerRecord& record_;
  std::vector<Entry> entries_;
  std::priority_queue<LoopTimer, std::vector<LoopTimer>, std::greater<>> timers_;
};

}  // namespace netlimits::live
