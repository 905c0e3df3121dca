// What binds at one moment, what binds once that is lifted, and so on.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "analysis/capacity.hpp"
#include "analysis/capacity_network.hpp"
#include "analysis/growth/growth.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

class Ladder {
 public:
  // `open`: what is asked for at that moment. Keeps references to the others.
  Ladder(const Scenario& scenario, const Wiring& wiring, const CapacityNetwork& network, Demand open);
  ~Ladder();
  Ladder(Ladder&&) noexcept;
  Ladder& operator=(Ladder&&) noexcept;

  // All of an answer but what short connections sustain.
  Capacity climb(Answered answered);
  // What is held, and what binds, once these limits are lifted and no others. Nothing: no limit is left.
  std::optional<Rung> once_lifted(const std::set<PlacedLimit>& lifted, Counted counted);
  // With each host behind each balancer down, one at a time.
  std::vector<WithoutBackEnd> losses();

 private:
  class Steps;
  std::unique_ptr<Steps> steps_;
};

}  // namespace netlimits::analysis
