// Fills the limits of a host one after another, in the order in which turns exhaust them.
#include "analysis/turns.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "analysis/demand.hpp"

namespace netlimits::analysis {
namespace {

class Filling {
 public:
  explicit Filling(const Turns& turns)
      : turns_(turns), end_(last_turn(turns) + 1), ends_at_(turns.kinds(), end_), through_until_(turns.kinds(), end_) {
    for (std::uint64_t program = 0; turns.each_program && program < turns.rounds.size(); ++program)
      limits_.push_back(
          {*turns.each_program, kinds_where([&](std::uint64_t of, std::size_t) { return of == program; })});
    if (turns.all_programs)
      limits_.push_back({*turns.all_programs, kinds_where([](std::uint64_t, std::size_t) { return true; })});
    for (std::size_t pool = 0; pool < turns.pools.size(); ++pool)
      limits_.push_back({turns.pools[pool],
                         kinds_where([&](std::uint64_t, std::size_t way) { return turns.pool_of[way] == pool; }),
                         turns.pool_may_give_more[pool]});
  }

  std::vector<std::uint64_t> fill() {
    while (!limits_.empty()) {
      std::size_t first = 0;
      std::uint64_t when = end_;
      for (std::size_t i = 0; i < limits_.size(); ++i) {
        const std::uint64_t full = full_at(limits_[i]);
        if (full < when) std::tie(first, when) = std::pair(i, full);
      }
      if (when == end_) break;
      for (const std::size_t kind : limits_[first].kinds) {
        ends_at_[kind] = std::min(ends_at_[kind], when);
        if (!limits_[first].may_give_more) through_until_[kind] = std::min(through_until_[kind], when);
      }
      limits_.erase(limits_.begin() + static_cast<std::ptrdiff_t>(first));
    }
    std::vector<std::uint64_t> through(ends_at_.size());
    for (std::size_t kind = 0; kind < through.size(); ++kind) through[kind] = among_first(kind, through_until_[kind]);
    return through;
  }

 private:
  struct Limited {
    std::uint64_t room;
    std::vector<std::size_t> kinds;
    bool may_give_more = false;
  };

  // The programs take turns in the order of their numbers; one that has none left is passed over, which changes
  // nothing.
  static std::uint64_t last_turn(const Turns& turns) {
    const auto most = std::max_element(turns.rounds.begin(), turns.rounds.end());
    return most == turns.rounds.end() ? 0 : *most * turns.rounds.size();
  }

  template <class Belongs>
  std::vector<std::size_t> kinds_where(const Belongs& belongs) const {
    std::vector<std::size_t> kinds;
    const std::size_t ways = turns_.sources * turns_.destinations;
    for (std::size_t kind = 0; kind < turns_.kinds(); ++kind) {
      const std::size_t way = kind % ways;
      if (turns_.keeps[way % turns_.destinations] && belongs(kind / ways, way)) kinds.push_back(kind);
    }
    return kinds;
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
