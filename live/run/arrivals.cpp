// Arrivals by their law or as they were drawn.
#include "live/run/arrivals.hpp"

#include "model/scenario/arrival_law.hpp"

namespace netlimits::live {

SimTime ArrivalTimes::of(std::uint64_t k) const {
  if (drawn_ != nullptr) return k < drawn_->size() ? (*drawn_)[k] : end_of_time;
  return arrival_by_law(workload_->arrivals, workload_->start, k).value_or(end_of_time);
}

Duration HoldTimes::next() {
  if (const auto* constant = std::get_if<HoldConstant>(&hold_)) return constant->time;
  return (*drawn_)[(*taken_)++ % drawn_->size()];
}

bool draws_are_there(const Scenario& scenario, const DrawnTimes& drawn) {
  for (const auto& [name, workload] : scenario.workloads) {
    const auto* arrivals = draws_of(drawn.arrivals, name);
    if (std::holds_alternative<PoissonRate>(workload.arrivals) && arrivals == nullptr) return false;
    const auto* holds = draws_of(drawn.holds, name);
    if (std::holds_alternative<HoldExponential>(workload.hold) && (holds == nullptr || holds->empty())) return false;
  }
  return true;
}

}  // namespace netlimits::live
