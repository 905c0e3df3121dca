// Does a run of the changed scenario show what its plan says?
#pragma once

#include <cstdint>
#include <string>

#include "model/scenario/result.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

enum class ProofVerdict : std::uint8_t { not_run, holds, fails };

struct Proof {
  ProofVerdict verdict = ProofVerdict::not_run;
  std::string why{};              // what fails, or why it was not run
  std::uint64_t established = 0;  // of all workloads, in the first run
  std::uint64_t peak_open = 0;    // by both ends, at one moment of it
  std::uint64_t runs = 0;         // one, and one for each loss
};

// Nobody failed, nobody was still waiting in the end, to connect or to be accepted, and no program met a limit. Of a
// scenario that ends by its clock some are still on their way then.
Proof proof_of(const Scenario& scenario, const RunResult& result);

// Both hold, or the first one that does not; the figures are those of `first`.
Proof together(const Proof& first, const Proof& then);

}  // namespace netlimits::analysis
