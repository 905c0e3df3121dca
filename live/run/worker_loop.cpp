// epoll with generations, so that an event for a descriptor that was closed and opened again is told apart; and timers.
#include "live/run/worker_loop.hpp"

#include <sys/epoll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace netlimits::live {
namespace {

constexpr std::int64_t nanoseconds_per_second = 1'000'000'000;
constexpr std::int64_t nanoseconds_per_millisecond = 1'000'000;

std::uint64_t token(int descriptor, std::uint32_t generation) {
  return std::uint64_t{generation} << 32U | static_cast<std::uint32_t>(descriptor);
}

}  // namespace

WorkerLoop::WorkerLoop(int epoll, std::uint64_t held, const SharedRecords& records, WorkerRecord& record)
    : epoll_(epoll), started_at_(records.run().started_at), open_(held), record_(record) {
  record_.descriptors = open_;
  record_.descriptors_peak = open_;
}

void WorkerLoop::note_opened() {
  record_.descriptors = ++open_;
  if (open_ > record_.descriptors_peak) record_.descriptors_peak = open_;
}

void WorkerLoop::note_closed() { record_.descriptors = --open_; }

void WorkerLoop::add(int descriptor, Role role, std::uint32_t events) {
  const auto index = static_cast<std::size_t>(descriptor);
  if (entries_.size() <= index) entries_.resize(std::max(index + 1, entries_.size() * 2));
  Entry& taken = entries_[index];
  taken.role = role;
  ++taken.generation;
  taken.watched = false;
  if (events != 0) watch(descriptor, events);
}

void WorkerLoop::watch(int descriptor, std::uint32_t events) {
  Entry& watched = entry(descriptor);
  epoll_event event{};
  event.events = events;
  event.data.u64 = token(descriptor, watched.generation);
  if (events == 0) {
    // Out of the set: errors and hang-ups would be reported even with an empty mask.
    if (watched.watched) ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
    watched.watched = false;
    return;
  }
  ::epoll_ctl(epoll_, watched.watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event);
  watched.watched = true;
}

void WorkerLoop::close(int descriptor) {
  Entry& closed = entry(descriptor);
  // A listener shared with other processes stays in the epoll set after close(): take it out first.
  if (closed.role == Role::listener) watch(descriptor, 0);
  closed.role = Role::none;
  closed.watched = false;
  ::close(descriptor);
  note_closed();
}

bool WorkerLoop::is_current(int descriptor, std::uint32_t generation) const {
  return role(descriptor) != Role::none && entry(descriptor).generation == generation;
}

Role WorkerLoop::role(int descriptor) const {
  const auto index = static_cast<std::size_t>(descriptor);
  return descriptor < 0 || index >= entries_.size() ? Role::none : entries_[index].role;
}

void WorkerLoop::at(std::int64_t time, TimerUse use, int descriptor, std::uint64_t payload) {
  const std::uint32_t of = role(descriptor) == Role::none ? 0 : generation(descriptor);
  timers_.push({time, next_sequence_++, use, descriptor, of, payload});
}

std::optional<std::int64_t> WorkerLoop::next_timer() const {
  if (timers_.empty()) return std::nullopt;
  return timers_.top().at;
}

std::optional<LoopTimer> WorkerLoop::due_timer(std::int64_t now) {
  while (!timers_.empty() && timers_.top().at <= now) {
    const LoopTimer timer = timers_.top();
    timers_.pop();
    if (timer.descriptor < 0 || is_current(timer.descriptor, timer.generation)) return timer;
  }
  return std::nullopt;
}

std::size_t WorkerLoop::wait(std::int64_t patience, const std::function<void(const LoopEvent&)>& handle) {
  std::array<epoll_event, 256> events{};
  timespec limit{};
  limit.tv_sec = patience / nanoseconds_per_second;
  limit.tv_nsec = patience % nanoseconds_per_second;
  int ready = static_cast<int>(
      ::syscall(SYS_epoll_pwait2, epoll_, events.data(), static_cast<int>(events.size()), &limit, nullptr, 0));
  if (ready < 0 && errno == ENOSYS) {  // before Linux 5.11
    const std::int64_t whole = (patience + nanoseconds_per_millisecond - 1) / nanoseconds_per_millisecond;
    ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), static_cast<int>(whole));
  }
  for (int i = 0; i < ready; ++i) {
    const epoll_event& event = events.at(static_cast<std::size_t>(i));
    const auto descriptor = static_cast<int>(event.data.u64 & 0xffffffffU);
    const auto of = static_cast<std::uint32_t>(event.data.u64 >> 32U);
    if (!is_current(descriptor, of)) continue;
    handle({role(descriptor), descriptor, event.events});
  }
  return ready > 0 ? static_cast<std::size_t>(ready) : 0;
}

}  // namespace netlimits::live
