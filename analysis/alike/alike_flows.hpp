// The flows of a class of hosts: one for each destination, or one for all that are alike and that as many go to.
#pragma once

#include <cstdint>
#include <deque>
#include <vector>

#include "analysis/alike/destination_classes.hpp"
#include "analysis/client_flows.hpp"

namespace netlimits::analysis {

// What the programs of one kind make from one source, in turn to each destination of their workload from one on.
struct SourceTurns {
  const PlannedWorkload* workload;
  FlowNetwork::Node program;
  std::uint64_t source;
  std::uint64_t turns;   // of one program
  std::uint64_t offset;  // the destination that they begin at
  Alike instances;
  std::uint64_t step;
};

// `alike`: of the host's destinations; nothing: each is looked at by itself. `ends` keeps what the flows point to.
std::vector<Flow> flows_of(const std::vector<SourceTurns>& all, const DestinationClasses* alike,
                           const LiftedLimits& lifted, std::deque<EndsAlike>& ends);

}  // namespace netlimits::analysis
