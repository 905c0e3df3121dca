// The ports that a workload names, as its connections take them in turn: what counts is how soon a program, or another
// one of its host, wants the same port again.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <vector>

#include "analysis/churn/churn_walk.hpp"
#include "analysis/client_plan.hpp"
#include "analysis/interval.hpp"
#include "model/scenario/assignment.hpp"

namespace netlimits::analysis {

class NamedPorts {
 public:
  explicit NamedPorts(const PlannedWorkload& workload);  // names ports; kept as a reference

  // The port that the k-th connection takes, with what it is told apart by: a pool of one. Nothing: it takes none, as
  // others have it for good or nobody listens where it goes.
  std::optional<DrawnFrom> from(std::uint64_t k) const;
  // The first of so many, counted from 0, that names a port which others have for good, or may have: it is refused.
  // Nothing: none of them does.
  std::optional<std::uint64_t> first_taken(std::uint64_t connections, bool surely) const;
  // Of the first `connections`: those that take a port.
  std::uint64_t let_through(std::uint64_t connections) const;
  // After so many connections everything begins again.
  std::uint64_t period() const;
  // The ports that are of use at one source, where they are fewest.
  Interval each() const;
  // How many sets of those there are.
  std::uint64_t pools() const;

 private:
  const PlannedWorkload& workload_;
  AssignmentShape shape_{};
  bool families_meet_ = true;             // at the wildcards that programs without a source bind to
  std::vector<std::set<Port>> usable_{};  // by source
};

}  // namespace netlimits::analysis
