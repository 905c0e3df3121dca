// Asks the two engines, compares, and withholds what the observer could not see.
#include "analysis/comparison/validation.hpp"

#include <utility>

#include "analysis/withheld.hpp"

namespace netlimits::analysis {

Validation validate(const Twin& twin, const RunResult& predicted, Observation observed) {
  Validation validation;
  if (!observed.ran) {
    validation.not_asked = observed.undetermined.empty() ? "no reason given" : observed.undetermined.front().why;
    return validation;
  }
  validation.kernel = std::move(observed.kernel);
  validation.checks =
      compare(twin.scenario, predicted, observed.result, Tolerances().on_a_machine_late_by(observed.lateness));
  for (const Undetermined& unseen : observed.undetermined) withhold(validation.checks, unseen.pointer, unseen.why);
  validation.remarks = twin.changes;
  validation.remarks.insert(validation.remarks.end(), observed.remarks.begin(), observed.remarks.end());
  return validation;
}

}  // namespace netlimits::analysis
