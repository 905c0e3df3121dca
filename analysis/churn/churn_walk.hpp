// Follows the connections of a workload one after another, each into the pool of ports that it draws from: exact where
// pools do not fill up alike, because entries of TIME_WAIT are few and any pool may have them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "analysis/churn/port_course.hpp"

namespace netlimits::analysis {

// What a connection draws from.
struct DrawnFrom {
  std::uint64_t pool = 0;
  std::uint64_t host = 0;  // whose TIME_WAIT table its end goes into
  std::uint64_t way = 0;   // source and destination: how far it goes, and when its port comes back
};

// An entry ends at the moment at which a connection closes, and the table is full: which of them is first? A kernel's
// timers tell neither.
enum class AtOneMoment : std::uint8_t { entries_end_first, connections_close_first };

struct ChurnWalk {
  PortCourse course{};
  std::function<SimTime(std::uint64_t)> begins;                 // the k-th, never before the one before it
  std::uint64_t entries = 0;                                    // TIME_WAIT entries that one host keeps
  std::function<std::optional<DrawnFrom>(std::uint64_t)> from;  // of the k-th; nothing: it takes no port

  // Nobody is followed further than so many connections.
  static constexpr std::uint64_t most_followed = 2'000'000;

  // The first of `connections`, counted from 0, whose pool of `ports` ports is used up; nothing: none that was followed
  // is refused.
  std::optional<std::uint64_t> first_refused(std::uint64_t ports, std::uint64_t connections, AtOneMoment order) const;

  // How many connections later a pool is drawn from again, at the soonest, among the first `connections`; nothing: none
  // of them is met again.
  std::optional<std::uint64_t> soonest_return(std::uint64_t connections) const;
};

}  // namespace netlimits::analysis
