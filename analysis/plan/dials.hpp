// The dials of one scenario, and what the analysis says of it with some of them turned.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "analysis/plan/knob.hpp"
#include "analysis/plan/plan_goal.hpp"
#include "analysis/plan/reached.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

// By number in the table of knobs, so that a map has them in the order in which they are turned.
struct Dial {
  std::size_t knob = 0;
  DialPlace place{};
  auto operator<=>(const Dial&) const = default;
};

using Turned = std::map<Dial, std::uint64_t>;  // their figures, each above the one before

const Knob& knob_of(const Dial& dial);

class Dials {
 public:
  // Keeps references to all of them.
  Dials(const Scenario& asked, const PlanGoal& goal, const std::set<std::string>& forbidden);

  const Scenario& asked() const { return *asked_; }
  // Nothing: it cannot be turned.
  const std::optional<DialRange>& range(const Dial& dial);
  std::uint64_t figure(const Turned& turned, const Dial& dial);  // Requires: it has a range.

  Scenario scenario(const Turned& turned);
  const Reached& reached(const Turned& turned);  // remembered
  std::size_t asked_so_far() const { return known_.size(); }

  // Those that can be turned further against what is in the way, in the order of the table.
  std::vector<Dial> against(const Turned& turned, const Reached& found);

 private:
  bool may_turn(const Knob& knob) const;
  void add_those_against(const Scenario& changed, const Wiring& wiring, const PlacedLimit& limit, const Turned& turned,
                         std::vector<Dial>& found);

  const Scenario* asked_;
  const PlanGoal* goal_;
  const std::set<std::string>* forbidden_;
  Wiring wiring_;
  std::map<Dial, std::optional<DialRange>> ranges_{};
  std::map<Turned, Reached> known_{};
};

}  // namespace netlimits::analysis
