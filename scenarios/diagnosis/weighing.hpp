// How well a cause fits what was seen on one system: weights per mille, and the reasons for them.
#pragma once

#include <cstdint>
#include <vector>

#include "scenarios/diagnosis/diagnosis.hpp"

namespace netlimits::scenarios {

struct Weighed {
  std::uint64_t weight = 0;
  bool fits = false;
  std::vector<Evidence> evidence{};
};

Weighed weigh(const Cause& cause, const Complaint& complaint, const KnownSystem& system, const CauseBook& book);

}  // namespace netlimits::scenarios
