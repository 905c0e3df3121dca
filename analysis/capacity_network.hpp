// A scenario as a flow network: what its connections use, and how much of it there is.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "analysis/network_question.hpp"
#include "analysis/server_nodes.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

class CapacityNetwork {
 public:
  CapacityNetwork(const Scenario& scenario, const Wiring& wiring);  // keeps references to them
  ~CapacityNetwork();
  CapacityNetwork(const CapacityNetwork&) = delete;
  CapacityNetwork& operator=(const CapacityNetwork&) = delete;

  // Builds the network for these figures and solves it. Without names `cut` is empty.
  NetworkAnswer ask(const NetworkQuestion& question, Naming naming = Naming::limits) const;

  // Does one of these serve connections that begin there and others that are accepted there, or has it ports that some
  // name and others take, or several programs that accept from one queue? How they divide it is then open, and who
  // finds none left.
  bool divides(const std::vector<CutLimit>& limits) const;

  // What the network cannot say exactly for this scenario.
  const std::vector<std::string>& notes() const;

 private:
  struct Plan;
  Passes passes_of(const NetworkQuestion& question) const;
  const NetworkAnswer& known(const NetworkQuestion& question, Naming naming) const;
  NetworkAnswer solve(const NetworkQuestion& question, Naming naming) const;
  NetworkAnswer answer(const NetworkQuestion& question, Passes passes, Naming naming) const;
  NetworkAnswer answer_as_asked(const NetworkQuestion& question, Passes passes, Naming naming) const;
  std::uint64_t unanswered(const NetworkQuestion& question, Passes passes) const;
  std::uint64_t least_held(const NetworkQuestion& question, Passes passes, std::uint64_t best) const;

  std::unique_ptr<const Plan> plan_;
  // One step of the ladder asks what the last one has asked, and each search begins where another has ended.
  struct Known {
    NetworkAnswer answer{};
    Naming naming{};
  };
  mutable std::map<NetworkQuestion, Known> known_{};
};

}  // namespace netlimits::analysis
