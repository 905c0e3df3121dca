// The moments at which most is open, where workloads begin, end and come faster at different times.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/growth/growth.hpp"
#include "model/net/time.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

struct Peak {
  SimTime at{};
  Demand open{};  // as many as are open then when none is refused, from connect() to close()
};

struct Peaks {
  std::vector<Peak> peaks{};  // in time; none of them has at least as many of each workload as another one
  // Has no other moment more? Else what all workloads have at most, each at a moment of its own, bounds them together.
  bool all = true;
};

enum class Drawn : std::uint8_t { most, left_out };

// A workload whose times are drawn, or that tries again, has all that it may have from its start on; `left_out`: none.
// With events there is one peak: what each has at most. The scenario's end is not looked at.
Peaks peaks_of(const Scenario& scenario, const Wiring& wiring, Drawn drawn = Drawn::most);

}  // namespace netlimits::analysis
