// Follows the connections of all workloads that draw from the same pools of ports, in the order in which they begin.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "analysis/churn/churn_walk.hpp"
#include "analysis/churn/port_course.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

// A queue that nobody accepts from. Who finds no place there keeps the port until the client gives up, and is never let
// through.
struct FullForGood {
  std::size_t queue = 0;  // its number
  Duration gives_up{};
};

// One of the workloads, of which chance has no part in when its connections begin.
struct Comer {
  const Workload* workload = nullptr;
  std::vector<PortCourse> courses{};  // by way
  bool ends = true;                   // else every port that it gets is gone for good
  std::uint64_t connections = 0;
  // What the k-th draws from; nothing: it takes no port, or only for a moment.
  std::function<std::optional<DrawnFrom>(std::uint64_t)> from{};
  std::vector<std::optional<FullForGood>> queues{};  // by way; empty: none leads to one
};

struct JointWalk {
  std::vector<Comer> comers{};
  std::uint64_t pools = 0;              // numbered from 0
  std::uint64_t entries = 0;            // TIME_WAIT entries that one host keeps
  std::vector<std::uint64_t> places{};  // of the queues that nobody accepts from, by number
  std::function<std::uint64_t(std::uint64_t pool, SimTime now)> ports{};

  static constexpr std::uint64_t most_followed = 1'000'000;

  // The first one that finds a pool used up.
  struct Refused {
    SimTime at{};
    std::uint64_t number = 0;                  // among all that were followed
    std::vector<std::uint64_t> let_through{};  // before it, by comer
    std::size_t comer = 0;                     // whose it is, and which way it would have gone
    std::uint64_t way = 0;
  };
  struct Found {
    std::vector<std::optional<Refused>> by_pool{};
    bool to_the_end = true;  // all connections were followed
  };
  Found walk(AtOneMoment order) const;
};

}  // namespace netlimits::analysis
