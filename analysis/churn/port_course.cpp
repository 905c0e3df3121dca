// The three ways in which a port comes back.
#include "analysis/churn/port_course.hpp"

#include <algorithm>

#include "model/net/bounded_time.hpp"
#include "model/ports/tuple_takeover.hpp"
#include "model/scenario/time_wait_takeover.hpp"

namespace netlimits::analysis {

SimTime PortCourse::free_from(SimTime closed) const {
  if (!waits) return closed;
  if (fin_wait) return later(closed, *fin_wait);
  const SimTime gone = later(closed, settings->time_wait);
  switch (comes_back) {
    case PortComesBack::by_automatic_connect:
      return std::min(gone, taken_over_from(*settings, *rules, timestamps, local, remote, closed).value_or(gone));
    case PortComesBack::with_the_entry:
      return gone;
    case PortComesBack::by_bound_connect: {
      SocketRecord entry;
      entry.state = TcpState::time_wait;
      entry.timestamps = timestamps;
      return reusable_by_bound_connect(entry, *rules) ? closed : gone;
    }
  }
  return gone;
}

bool PortCourse::waits_evenly() const {
  const SimTime half_past = time_zero + std::chrono::milliseconds(500);
  return free_from(half_past) - half_past == longest_wait();
}

}  // namespace netlimits::analysis
