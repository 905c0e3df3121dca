// Demand that grows up to what a scenario asks for, and beyond: in proportion, or as its connections begin.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "model/net/time.hpp"
#include "model/scenario/place.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

// How many connections each workload asks for, in the order of their names.
using Demand = std::vector<std::uint64_t>;

std::uint64_t sum_of(const Demand& demand);

// So many of those that `after` has more, in proportion. Requires: after >= before, one by one.
Demand between(const Demand& before, const Demand& after, std::uint64_t more);

// With all connections of those workloads whose servers close first, however few of them are open at once by
// themselves.
Demand with_all_that_servers_end(const Scenario& scenario, Demand demand);

// Is it the process, or the host, that the workload's connections begin in?
bool begins_at(const Workload& workload, const Place& place);

// After so many connections a workload's turns begin anew: programs, sources, destinations.
std::uint64_t turns_of(const Scenario& scenario, const Workload& workload);

class Growth {
 public:
  // `base`: what is asked for now. Keeps a reference to the scenario.
  Growth(const Scenario& scenario, Demand base);

  // All workloads in proportion until `total` is asked for, rounded down one by one.
  Demand to(std::uint64_t total) const;
  std::uint64_t in_whole(std::uint64_t total) const { return sum_of(to(total)); }
  // One connection more for each different thing, so that limits which fill up together are found together; but at most
  // a sixteenth more, so that those which fill up later are not.
  std::uint64_t a_little_above(std::uint64_t total) const;

  bool of_one() const;  // only one workload asks for any
  // Is it told in which order the connections of different workloads begin?
  bool order_is_known() const;
  // As many as have begun by then. Requires: order_is_known().
  Demand begun_by(SimTime moment) const;
  // When the first and the last one begin. Requires the same.
  SimTime first() const;
  SimTime last() const;

 private:
  const Scenario* scenario_;
  Demand base_;
  std::uint64_t asked_;
};

}  // namespace netlimits::analysis
