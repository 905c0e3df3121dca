// A flow network that is asked for one demand again and again, with some of its limits lifted.
#pragma once

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "analysis/capacity_network.hpp"
#include "analysis/growth/growth.hpp"
#include "analysis/network_question.hpp"
#include "model/net/endpoint.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

class AskedNetwork {
 public:
  // `base`: the demand. Keeps references to the others.
  AskedNetwork(const Scenario& scenario, const Wiring& wiring, const CapacityNetwork& network, Demand base);

 protected:
  void take_base();  // after a change of base_

  NetworkQuestion question(const Demand& connections, Draws draws, bool accept_queues) const;
  // For those whom luck may let through.
  NetworkQuestion lucky(const NetworkQuestion& of) const;
  NetworkAnswer ask(const Demand& connections, Draws draws, bool accept_queues = false);
  bool holds_all(const Demand& connections, Draws draws, bool queues);
  // With the most luck, where it held as many as in `worst` with the least.
  std::uint64_t most_held(const NetworkAnswer& worst, bool accept_queues) const;
  void lift(const std::vector<CutLimit>& bound);

  const Scenario& scenario_;
  const Wiring& wiring_;
  const CapacityNetwork& network_;
  Demand base_;
  Demand luckiest_{};
  bool some_end_;
  std::uint64_t asked_ = 0;
  LiftedLimits lifted_{};
  std::set<Endpoint> down_{};
  bool loosened_ = false;
  bool queues_ = false;  // count those that wait in accept queues as well
};

}  // namespace netlimits::analysis
