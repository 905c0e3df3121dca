// Plans put to the proof: each changed scenario is written, read again as a user would give it, and run; on request its
// twin on this machine's kernel too.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/plan/plan.hpp"
#include "cli/run_bounds.hpp"
#include "report/plan/plan_report.hpp"
#include "scenarios/profiles.hpp"

namespace netlimits::cli {

// few: the first plan, and those behind it as long as all runs together have at most a million connections.
enum class Proven : std::uint8_t { none, few, all };

struct ProofArguments {
  Proven proven = Proven::few;
  RunBounds bounds{};
  bool validate = false;
  bool require_kernel = false;
};

// One for each plan. Throws live::Interrupted.
std::vector<report::PlanProof> proofs_of(const analysis::PlanAnswer& answer, const analysis::PlanGoal& goal,
                                         const ProofArguments& arguments, const scenarios::ProfileSet& profiles,
                                         const std::string& file);

}  // namespace netlimits::cli
