// Which destinations of a host are alike, so that a network needs one way for all of them.
//
// Two are, when what connections meet on the way to them differs in the endpoint alone: they go from the same address,
// to the same listener or to listeners with the same settings that nobody else comes to, and the same of their limits
// are lifted. How many connections go there is looked at by who makes flows of them (analysis/alike/alike_flows.hpp).
// A host with a hundred thousand destinations then costs as much as one with a few.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <vector>

#include "analysis/network_question.hpp"
#include "model/net/endpoint.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

struct PlannedWorkload;

// By host, which of a group, whether it is each client's own, process, listener.
using ReachedListener = std::tuple<const HostGroup*, std::uint64_t, bool, std::size_t, std::size_t>;
ReachedListener reached_listener(const Target& target);

class DestinationClasses {
 public:
  // `workloads`: all of one host group, without connections from before the scenario. `own`: the listeners that
  // connections come to from one host alone, towards one endpoint.
  DestinationClasses(const std::vector<const PlannedWorkload*>& workloads, const std::set<ReachedListener>& own);

  // The different destinations are numbered from 0. What is in a workload's list twice has a number for each time.
  std::size_t size() const { return to_.size(); }
  const Endpoint& to(std::size_t number) const { return to_[number]; }
  // The listener there, where it is no other destination's.
  const std::optional<Endpoint>& listener(std::size_t number) const { return listener_[number]; }
  // By position in the workload's list, and back. Requires: one of the workloads; a destination of it.
  const std::vector<std::size_t>& numbers(std::size_t workload) const { return numbers_.at(workload); }
  std::size_t position(std::size_t workload, std::size_t number) const { return positions_.at(workload)[number]; }

  // By number: those of one class are alike while these limits are lifted.
  struct Division {
    std::vector<std::size_t> class_of{};
    std::size_t classes = 0;
  };
  const Division& under(const LiftedLimits& lifted) const;

 private:
  std::vector<std::size_t> met_by(const PlacedLimit& limit) const;

  const HostGroup* host_ = nullptr;
  std::vector<Endpoint> to_{};
  std::vector<std::optional<Endpoint>> listener_{};
  std::map<std::size_t, std::vector<std::size_t>> numbers_{};    // by workload
  std::map<std::size_t, std::vector<std::size_t>> positions_{};  // by workload
  std::multimap<Endpoint, std::size_t> by_to_{};
  std::map<Endpoint, std::vector<std::size_t>> by_listener_{};
  Division divided_{};
  // Questions that follow each other lift the same.
  mutable LiftedLimits last_lifted_{};
  mutable std::optional<Division> last_{};
};

}  // namespace netlimits::analysis
