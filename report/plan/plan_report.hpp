// What `plan` prints.
#pragma once

#include <string>
#include <vector>

#include "analysis/comparison/comparison.hpp"
#include "analysis/plan/plan.hpp"
#include "analysis/plan/proof.hpp"
#include "report/basis_words.hpp"
#include "report/forms/text_style.hpp"

namespace netlimits::report {

// The twin of a changed scenario on a kernel.
struct KernelProof {
  bool asked = false;      // --validate was given
  std::string kernel{};    // its release; empty: it could not be asked
  std::string why{};       // ... why; or what differs, or is not determined
  std::uint64_t size = 1;  // everything counted was divided by this
  analysis::CheckVerdict verdict = analysis::CheckVerdict::not_determined;
};

struct PlanProof {
  analysis::Proof simulation{};
  KernelProof kernel{};
};

struct PlanReport {
  RestsOn on{};
  analysis::PlanGoal goal{};
  analysis::PlanAnswer answer{};
  std::vector<PlanProof> proofs{};  // of each plan
  std::string summary{};            // plan_sentence()
};

// Requires: as many proofs as plans.
PlanReport make_plan_report(const Scenario& scenario, const analysis::PlanGoal& goal, analysis::PlanAnswer answer,
                            std::vector<PlanProof> proofs);

// Is the goal reached: by the scenario as it is, or by a plan that no run has refuted?
bool is_reached(const PlanReport& report);

// The format netlimits.plan/1 (docs/plan.md).
std::string plan_json(const PlanReport& report);
// The sentence; each plan with its changes, the commands that make them and its proof; what to know of each change.
std::string plan_text(const PlanReport& report, const TextStyle& style);
std::string plan_markdown(const PlanReport& report);

}  // namespace netlimits::report
