// Whoever begins next, and what ends next, come from queues.
#include "analysis/churn/joint_walk.hpp"

#include <functional>
#include <queue>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "model/net/bounded_time.hpp"
#include "model/scenario/arrival_law.hpp"

namespace netlimits::analysis {
namespace {

struct Ending {
  SimTime at{};
  std::uint64_t number = 0;  // equal times in the order in which they were put in
  DrawnFrom of{};
  std::size_t comer = 0;
  bool in_vain = false;  // it was never let through
};
struct EndsLater {
  bool operator()(const Ending& a, const Ending& b) const { return a.at != b.at ? a.at > b.at : a.number > b.number; }
};
using Queue = std::priority_queue<Ending, std::vector<Ending>, EndsLater>;

// Connections that are open, then entries of TIME_WAIT; both have a port of their pool.
class Taken {
 public:
  Taken(const JointWalk& walk, AtOneMoment order)
      : walk_(walk), order_(order), by_pool_(walk.pools), places_(walk.places) {}

  std::uint64_t of(std::uint64_t pool) const { return by_pool_[pool]; }

  // False: it has a port, and comes to a queue that is full for good.
  bool take(std::size_t comer, const DrawnFrom& of, SimTime now) {
    ++by_pool_[of.pool];
    const Comer& its = walk_.comers[comer];
    const std::optional<FullForGood> full = its.queues.empty() ? std::nullopt : its.queues[of.way];
    if (full && places_[full->queue] == 0) {
      open_.push({later(now, full->gives_up), number_++, of, comer, true});
      return false;
    }
    if (full) --places_[full->queue];
    if (its.ends) open_.push({later(now, its.courses[of.way].until_closed), number_++, of, comer, false});
    return true;
  }

  void pass_until(SimTime now) {
    while (true) {
      const bool closes = !open_.empty() && open_.top().at <= now;
      const bool ends = !waiting_.empty() && waiting_.top().at <= now;
      if (!closes && !ends) return;
      if (ends && (!closes || entry_is_first())) {
        const DrawnFrom of = waiting_.top().of;
        waiting_.pop();
        --by_pool_[of.pool];
        --entries_[of.host];
      } else {
        close();
      }
    }
  }

 private:
  bool entry_is_first() const {
    if (waiting_.top().at != open_.top().at) return waiting_.top().at < open_.top().at;
    return order_ == AtOneMoment::entries_end_first;
  }

  void close() {
    const Ending closed = open_.top();
    open_.pop();
    const PortCourse& course = walk_.comers[closed.comer].courses[closed.of.way];
    const SimTime free = closed.in_vain ? closed.at : course.free_from(closed.at);
    std::uint64_t& kept = entries_[closed.of.host];
    // A full table has no room for another: its port is free at once (net/ipv4/inet_timewait_sock.c).
    if (free <= closed.at || kept >= walk_.entries) {
      --by_pool_[closed.of.pool];
      return;
    }
    ++kept;
    waiting_.push({free, number_++, closed.of, closed.comer});
  }

  const JointWalk& walk_;
  AtOneMoment order_;
  std::vector<std::uint64_t> by_pool_;
  std::vector<std::uint64_t> places_;
  std::unordered_map<std::uint64_t, std::uint64_t> entries_{};
  Queue open_{};
  Queue waiting_{};
  std::uint64_t number_ = 0;
};

}  // namespace

JointWalk::Found JointWalk::walk(AtOneMoment order) const {
  Found found;
  found.by_pool.resize(pools);
  Taken taken(*this, order);
  std::vector<std::uint64_t> begun(comers.size());
  std::vector<std::uint64_t> let_through(comers.size());
  const auto begins = [&](std::size_t i) {
    if (begun[i] >= comers[i].connections) return end_of_time;
    const Workload& workload = *comers[i].workload;
    return arrival_by_law(workload.arrivals, workload.start, begun[i]).value_or(end_of_time);
  };
  // Of those that begin at one instant the one comes first that was planned first: by name, then as the ones before
  // them began.
  using Begins = std::tuple<SimTime, std::uint64_t, std::size_t>;  // when, planned as which, whose
  std::priority_queue<Begins, std::vector<Begins>, std::greater<>> next;
  for (std::size_t i = 0; i < comers.size(); ++i) next.emplace(begins(i), i, i);
  std::uint64_t left = pools;
  for (std::uint64_t followed = 0; left > 0 && !next.empty(); ++followed) {
    const auto [now, planned, first] = next.top();
    if (now == end_of_time) break;
    if (followed >= most_followed) {
      found.to_the_end = false;
      break;
    }
    taken.pass_until(now);
    const std::uint64_t k = begun[first]++;
    next.pop();
    next.emplace(begins(first), comers.size() + followed, first);
    const auto of = comers[first].from(k);
    if (!of) continue;
    if (taken.of(of->pool) < ports(of->pool, now)) {
      if (taken.take(first, *of, now)) ++let_through[first];
    } else if (!found.by_pool[of->pool]) {
      found.by_pool[of->pool] = Refused{now, followed, let_through, first, of->way};
      --left;
    }
  }
  return found;
}

}  // namespace netlimits::analysis
