// How much of each resource a run used: one meter for whatever can run out (descriptors, open files, pools of ports,
// accept queues, TIME_WAIT entries), and what all of them showed at the end.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <map>
#include <optional>

#include "model/net/time.hpp"
#include "model/scenario/place.hpp"
#include "model/scenario/result.hpp"

namespace netlimits::sim {

// One instance of a resource: how many there are, how many are taken, and how many were at most.
struct Meter {
  std::uint64_t capacity = 0;
  std::uint64_t open = 0;
  std::uint64_t peak = 0;

  void take() { peak = std::max(peak, ++open); }
  // Requires: something is taken.
  void give_back() {
    assert(open > 0);
    --open;
  }
  // Where somebody else counts.
  void stands_at(std::uint64_t taken) {
    open = taken;
    peak = std::max(peak, taken);
  }
};

class Meters {
 public:
  // Something was refused because of `limit`: the first such moment is kept.
  void refused(const PlacedLimit& limit, SimTime now);
  // Has anything been refused because of it?
  bool has_refused(const PlacedLimit& limit) const;
  // What an instance showed in the end. Of those that share a place the one with the highest peak stands for all, the
  // first of them that were added.
  void add(const PlacedLimit& limit, const Meter& meter);
  // Those that were added, in printed order.
  void write(RunResult& result) const;

 private:
  struct AtPlace {
    std::optional<Meter> worst{};
    std::optional<SimTime> first_refused{};
  };
  std::map<PlacedLimit, AtPlace> places_;
};

}  // namespace netlimits::sim
