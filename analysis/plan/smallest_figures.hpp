// From a set of changes that is enough to one of which nothing can be left out.
#pragma once

#include <map>
#include <set>

#include "analysis/plan/dials.hpp"

namespace netlimits::analysis {

class SmallestFigures {
 public:
  explicit SmallestFigures(Dials& dials) : dials_(dials) {}

  // Requires: they are enough. Changes that are not needed are left out, those that cost most first; then each figure
  // is the smallest with which it is still enough, in the same order, the others being what they are.
  Turned of(Turned turned);

 private:
  bool is_enough(const Turned& turned) { return dials_.reached(turned).all; }
  bool enough_with(Turned turned, const Dial& dial, std::uint64_t figure);
  void make_smallest(Turned& turned, const Dial& dial);
  std::set<std::uint64_t> guesses(const Turned& turned, const Dial& dial);

  Dials& dials_;
  std::map<Dial, std::set<std::uint64_t>> found_before_{};  // where it came out for other sets
};

}  // namespace netlimits::analysis
