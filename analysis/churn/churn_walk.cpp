// Connections close in the order in which they came, and entries end in the order in which they began: two queues.
#include "analysis/churn/churn_walk.hpp"

#include <algorithm>
#include <deque>
#include <unordered_map>

#include "model/net/bounded_time.hpp"

namespace netlimits::analysis {

std::optional<std::uint64_t> ChurnWalk::first_refused(std::uint64_t ports, std::uint64_t connections,
                                                      AtOneMoment order) const {
  struct Entry {
    SimTime ends;
    DrawnFrom of;
  };
  std::deque<Entry> waiting;
  std::unordered_map<std::uint64_t, std::uint64_t> taken;       // by pool
  std::unordered_map<std::uint64_t, std::uint64_t> entries_of;  // by host
  std::uint64_t closed = 0;
  const auto end_entries = [&](SimTime now) {
    while (!waiting.empty() && waiting.front().ends <= now) {
      --taken[waiting.front().of.pool];
      --entries_of[waiting.front().of.host];
      waiting.pop_front();
    }
  };
  const auto close_until = [&](SimTime now, std::uint64_t before) {
    for (; closed < before; ++closed) {
      const SimTime at = later(begins(closed), course.until_closed);
      if (at > now) return;
      const auto of = from(closed);
      if (!of) continue;
      end_entries(order == AtOneMoment::entries_end_first ? at : at - Duration(1));
      const SimTime ends = course.free_from(at);
      std::uint64_t& kept = entries_of[of->host];
      // A full table has no room for another: its port is free at once (net/ipv4/inet_timewait_sock.c).
      if (ends <= at || kept >= entries) {
        --taken[of->pool];
        continue;
      }
      ++kept;
      waiting.push_back({ends, *of});
    }
  };
  for (std::uint64_t k = 0; k < std::min(connections, most_followed); ++k) {
    const SimTime now = begins(k);
    close_until(now, k);
    end_entries(now);
    const auto of = from(k);
    if (!of) continue;
    std::uint64_t& its = taken[of->pool];
    if (its >= ports) return k;
    ++its;
  }
  return std::nullopt;
}

std::optional<std::uint64_t> ChurnWalk::soonest_return(std::uint64_t connections) const {
  std::unordered_map<std::uint64_t, std::uint64_t> last;
  std::optional<std::uint64_t> soonest;
  for (std::uint64_t k = 0; k < std::min(connections, most_followed); ++k) {
    const auto of = from(k);
    if (!of) continue;
    const auto [found, is_new] = last.try_emplace(of->pool, k);
    if (is_new) continue;
    soonest = std::min(soonest.value_or(k - found->second), k - found->second);
    found->second = k;
  }
  return soonest;
}

}  // namespace netlimits::analysis
