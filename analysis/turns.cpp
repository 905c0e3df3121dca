// Fills the limits of a host one after another, in the order in which turns exhaust them.
#include "analysis/turns.hpp"

#include <algorithm>
#include <functional>
#include <queue>
#include <utility>
#include <vector>

#include "analysis/demand.hpp"

namespace netlimits::analysis {
namespace {

class Filling {
 public:
  explicit Filling(const Turns& turns)
      : turns_(turns), end_(last_turn(turns) + 1), ends_at_(turns.kinds(), end_), through_until_(turns.kinds(), end_) {
    const std::size_t programs = turns.each_program ? turns.rounds.size() : 0;
    for (std::size_t program = 0; program < programs; ++program) limits_.push_back({*turns.each_program});
    const std::size_t pools = programs + (turns.all_programs ? 1 : 0);
    if (turns.all_programs) limits_.push_back({*turns.all_programs});
    for (std::size_t pool = 0; pool < turns.pools.size(); ++pool)
      limits_.push_back({turns.pools[pool], {}, turns.pool_may_give_more[pool]});
    const std::size_t ways = turns.sources * turns.destinations;
    for (std::size_t kind = 0; kind < turns.kinds(); ++kind) {
      const std::size_t way = kind % ways;
      if (!turns.keeps[way % turns.destinations]) continue;
      if (turns.each_program) limits_[kind / ways].kinds.push_back(kind);
      if (turns.all_programs) limits_[programs].kinds.push_back(kind);
      if (turns.pool_of[way] != Turns::no_pool) limits_[pools + turns.pool_of[way]].kinds.push_back(kind);
    }
  }

  std::vector<std::uint64_t> fill() {
    // When each is full, or sooner: what ends the turns of some kinds lets the others be full later. Of those that are
    // full at one moment the first one comes first.
    using Full = std::pair<std::uint64_t, std::size_t>;
    std::priority_queue<Full, std::vector<Full>, std::greater<>> next;
    std::vector<std::size_t> seen(limits_.size());  // how many were filled when its moment was worked out
    std::size_t filled = 0;
    const auto plan = [&](std::size_t limit) {
      seen[limit] = filled;
      const std::uint64_t full = full_at(limits_[limit]);
      if (full != end_) next.emplace(full, limit);
    };
    for (std::size_t i = 0; i < limits_.size(); ++i) plan(i);
    while (!next.empty()) {
      const auto [when, first] = next.top();
      next.pop();
      if (seen[first] != filled) {
        plan(first);
        continue;
      }
      bool ends_any = false;
      for (const std::size_t kind : limits_[first].kinds) {
        ends_any = ends_any || when < ends_at_[kind];
        ends_at_[kind] = std::min(ends_at_[kind], when);
        if (!limits_[first].may_give_more) through_until_[kind] = std::min(through_until_[kind], when);
      }
      if (ends_any) ++filled;
    }
    std::vector<std::uint64_t> through(ends_at_.size());
    for (std::size_t kind = 0; kind < through.size(); ++kind) through[kind] = among_first(kind, through_until_[kind]);
    return through;
  }

 private:
  struct Limited {
    std::uint64_t room;
    std::vector<std::size_t> kinds{};
    bool may_give_more = false;
  };

  // The programs take turns in the order of their numbers; one that has none left is passed over, which changes
  // nothing.
  static std::uint64_t last_turn(const Turns& turns) {
    const auto most = std::max_element(turns.rounds.begin(), turns.rounds.end());
    return most == turns.rounds.end() ? 0 : *most * turns.rounds.size();
  }

  // How many of a kind there are among the first `turns`.
  std::uint64_t among_first(std::size_t kind, std::uint64_t turns) const {
    const std::uint64_t programs = turns_.rounds.size();
    const std::uint64_t destination = kind % turns_.destinations;
    const std::uint64_t source = kind / turns_.destinations % turns_.sources;
    const std::uint64_t program = kind / turns_.destinations / turns_.sources;
    const std::uint64_t done = turns / programs + (program < turns % programs ? 1 : 0);
    return share_of(std::min(done, turns_.rounds[program]), turns_.sources, turns_.destinations, turns_.offset[program],
                    source, destination);
  }

  std::uint64_t used(const Limited& limit, std::uint64_t turns) const {
    std::uint64_t sum = 0;
    for (const std::size_t kind : limit.kinds) sum += among_first(kind, std::min(turns, ends_at_[kind]));
    return sum;
  }

  // After how many turns there is no room left; `end_`: never.
  std::uint64_t full_at(const Limited& limit) const {
    if (used(limit, end_) < limit.room) return end_;
    std::uint64_t low = 0;
    std::uint64_t high = end_;
    while (low < high) {
      const std::uint64_t middle = low + (high - low) / 2;
      if (used(limit, middle) >= limit.room) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }

  const Turns& turns_;
  std::uint64_t end_;
  std::vector<std::uint64_t> ends_at_;        // for what a kind takes from others
  std::vector<std::uint64_t> through_until_;  // for what it gets itself
  std::vector<Limited> limits_{};
};

}  // namespace

std::vector<std::uint64_t> let_through(const Turns& turns) { return Filling(turns).fill(); }

}  // namespace netlimits::analysis
