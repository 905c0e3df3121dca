// Does a scenario carry what it asks for, by the analysis that `capacity` prints? And if not, what is in the way?
#pragma once

#include <string>
#include <vector>

#include "analysis/capacity.hpp"
#include "analysis/plan/plan_goal.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

struct Reached {
  bool all = false;                     // nobody is refused, with the least luck, and what comes goes on being served
  std::vector<Binding> in_the_way{};    // what refuses; none where `why` says more
  std::string why{};                    // what no limit says: nothing is left when a host goes down
  std::string alone{};                  // the host group of which another host would be what is left
  std::string meanwhile{};              // what is down when that happens: "server[1]"; empty: nothing
  Interval held{};                      // by both ends, at one moment
  std::uint64_t asked = 0;              // at one moment
  std::vector<std::string> left_out{};  // what a run looks at and this does not (analysis/left_out.hpp)
};

// The scenario with what lies behind a balancer on one host gone, for each such host in turn.
struct Loss {
  std::string balancer{};
  std::string host{};   // "server[1]", or the back ends where nobody has the address
  std::string group{};  // "server"; empty: nobody has the address
  bool last = false;    // nothing else is behind that balancer
  Scenario without{};
};
std::vector<Loss> losses_of(const Scenario& scenario);

Reached reached(const Scenario& scenario, const PlanGoal& goal);

}  // namespace netlimits::analysis
