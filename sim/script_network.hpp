// The hosts of a socket script, what is on its way between them, and their virtual time.
//
// Segments travel in no time. The clock stands still during a call, and moves from timer to timer while one waits.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <queue>
#include <utility>
#include <vector>

#include "model/host/host.hpp"
#include "model/script/script_interpreter.hpp"

namespace netlimits::sim {

class ScriptNetwork {
 public:
  // Hears what the hosts say of their sockets.
  explicit ScriptNetwork(std::function<void(const Notice&)> hear) : hear_(std::move(hear)) {}

  HostSlot add(HostConfig config);
  Host& operator[](HostSlot host) { return *hosts_[host]; }
  const std::vector<std::unique_ptr<Host>>& hosts() const { return hosts_; }

  SimTime now() const { return now_; }
  // Where a call on a host puts what it causes; finish() empties it.
  Effects& effects() { return effects_; }
  // Takes what a call on `host` caused, and everything that follows from it at this instant.
  void finish(HostSlot host);

  // Moves the clock from timer to timer until `done`, at most by `patience`.
  template <class Done>
  void wait_until(Duration patience, const Done& done) {
    const SimTime deadline = now_ + patience;
    while (!done()) {
      if (!fire_next(deadline)) return;
    }
  }

 private:
  struct PendingTimer {
    TimerRequest request;
    std::uint64_t sequence;
    HostSlot host;

    bool operator<(const PendingTimer& other) const {  // std::priority_queue shows the largest: the earliest here
      if (request.at != other.request.at) return request.at > other.request.at;
      // Those of one tick fire the latest first (kernel/time/timer.c, enqueue_timer and expire_timers).
      return sequence < other.sequence;
    }
  };
  static constexpr HostSlot nowhere = 0xffffffff;

  HostSlot owner_of(IpAddress address, HostSlot sender) const;
  void take(HostSlot host);
  void deliver_in_flight();
  // The timers of the next tick, and all that follows. False, and the clock at the deadline: there is none until then.
  bool fire_next(SimTime deadline);

  std::function<void(const Notice&)> hear_;
  std::vector<std::unique_ptr<Host>> hosts_;
  std::deque<std::pair<Segment, HostSlot>> in_flight_;
  std::priority_queue<PendingTimer> timers_;
  std::uint64_t sequence_ = 0;
  SimTime now_ = time_zero;
  Effects effects_;
};

}  // namespace netlimits::sim
