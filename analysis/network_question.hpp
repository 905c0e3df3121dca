// What is asked of a scenario's flow network, and what comes back.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "analysis/interval.hpp"
#include "model/net/endpoint.hpp"
#include "model/scenario/place.hpp"
#include "model/systems/limit.hpp"

namespace netlimits::analysis {

// Where a kernel draws, which end of the interval is asked for.
enum class Draws : std::uint8_t { worst, best };

struct NetworkQuestion {
  std::vector<std::uint64_t> connections{};  // asked by each workload, in the order of their names
  Draws draws = Draws::worst;
  bool accept_queues = false;  // count connections that wait in accept queues as held
  // Where pools of one host take ports from each other: count what they are sure of together, and not each by itself.
  bool pools_together = false;
  bool believed = false;  // and those that only their clients know, as a queue had no place for them
  // Connections end meanwhile: where both ends share something, its servers can have what its clients have given back.
  bool some_end = false;
  std::set<PlacedLimit> lifted{};  // limits that do not bind any more
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

// Is its limit, at its place, one of these?
template <class Placed>
bool is_among(const Placed& one, const std::vector<CutLimit>& limits) {
  return std::any_of(limits.begin(), limits.end(),
                     [&](const CutLimit& other) { return one.limit == other.limit && one.place == other.place; });
}

// Has the second list every limit of the first one?
inline bool are_part(const std::vector<CutLimit>& limits, const std::vector<CutLimit>& of) {
  return std::all_of(limits.begin(), limits.end(), [&](const CutLimit& one) { return is_among(one, of); });
}

struct NetworkAnswer {
  std::uint64_t held = 0;
  std::vector<CutLimit> cut{};    // empty when all that is asked for is held
  bool depends_on_draws = false;  // some figure of the network depends on draws
  // Several processes of a host share pools that span destinations: the network forgets which process's connections
  // went where, so that `held` is an upper bound.
  bool loosened = false;
};

}  // namespace netlimits::analysis
