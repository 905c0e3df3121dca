// What is asked of a scenario's flow network, and what comes back.
#pragma once

#include <algorithm>
#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "analysis/interval.hpp"
#include "model/net/endpoint.hpp"
#include "model/scenario/place.hpp"
#include "model/systems/limit.hpp"

namespace netlimits::analysis {

// Where a kernel draws, which end of the interval is asked for.
enum class Draws : std::uint8_t { worst, best };

// Limits that do not bind any more. Questions that follow each other lift the same ones, which can be a hundred
// thousand: they share one list, and a copy costs nothing.
class LiftedLimits {
 public:
  LiftedLimits() = default;
  explicit LiftedLimits(std::set<PlacedLimit> limits) {
    if (!limits.empty()) limits_ = std::make_shared<const std::set<PlacedLimit>>(std::move(limits));
  }

  bool contains(const PlacedLimit& limit) const { return limits_ && limits_->contains(limit); }
  const std::set<PlacedLimit>& all() const {
    static const std::set<PlacedLimit> none;
    return limits_ ? *limits_ : none;
  }
  bool is_same_list(const LiftedLimits& other) const { return limits_ == other.limits_; }

  bool operator==(const LiftedLimits& other) const { return is_same_list(other) || all() == other.all(); }
  std::strong_ordering operator<=>(const LiftedLimits& other) const {
    return is_same_list(other) ? std::strong_ordering::equal : all() <=> other.all();
  }

 private:
  std::shared_ptr<const std::set<PlacedLimit>> limits_{};
};

struct NetworkQuestion {
  std::vector<std::uint64_t> connections{};  // asked by each workload, in the order of their names
  Draws draws = Draws::worst;
  bool accept_queues = false;  // count connections that wait in accept queues as held
  // Where pools of one host take ports from each other: count what they are sure of together, and not each by itself.
  bool pools_together = false;
  bool believed = false;  // and those that only their clients know, as a queue had no place for them
  // Connections end meanwhile: where both ends share something, its servers can have what its clients have given back.
  bool some_end = false;
  // SYNs that may stay without an answer whatever tables of tracked connections let through. Nothing: not asked yet.
  std::optional<std::uint64_t> unanswered{};
  LiftedLimits lifted{};
  // How much of a process's descriptors or a host's files, where they serve some connections this way and some that, is
  // for those that begin there. By the process or host group; without an entry all of it may be for either.
  std::map<const void*, std::uint64_t> part{};
  std::set<Endpoint> down{};  // back ends that their balancer does not choose
  auto operator<=>(const NetworkQuestion&) const = default;
};

struct CutLimit {
  Limit limit{};
  Place place{};
  Interval capacity{};
  bool final = false;  // the port field itself: no setting lifts it
};

inline std::set<PlacedLimit> placed(const std::vector<CutLimit>& limits) {
  std::set<PlacedLimit> all;
  for (const CutLimit& one : limits) all.insert({one.limit, one.place});
  return all;
}

// Has the second list every limit of the first one?
inline bool are_part(const std::vector<CutLimit>& limits, const std::vector<CutLimit>& of) {
  const std::set<PlacedLimit> known = placed(of);
  return std::all_of(limits.begin(), limits.end(), [&](const CutLimit& one) {
    return known.contains({one.limit, one.place});
  });
}

// What is asked for beside the figure. Names cost more than it where a cut has a hundred thousand places.
enum class Naming : std::uint8_t { limits, none };

struct NetworkAnswer {
  std::uint64_t held = 0;
  std::vector<CutLimit> cut{};    // empty when all that is asked for is held, or where no names were asked for
  bool depends_on_draws = false;  // some figure of the network depends on draws
  // Several processes of a host share pools that span destinations: the network forgets which process's connections
  // went where, so that `held` is an upper bound.
  bool loosened = false;
};

}  // namespace netlimits::analysis
