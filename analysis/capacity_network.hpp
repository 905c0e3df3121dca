// A scenario as a flow network: what its connections use, and how much of it there is.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "analysis/interval.hpp"
#include "model/limit.hpp"
#include "model/scenario.hpp"

namespace netlimits::analysis {

using PlacedLimit = std::pair<Limit, std::string>;

// Where a kernel draws lots, which end of the interval is asked for.
enum class Luck : std::uint8_t { worst, best };

struct NetworkQuestion {
  std::vector<std::uint64_t> connections{};  // asked by each workload, in the order of their names
  Luck luck = Luck::worst;
  bool accept_queues = false;      // count connections that wait in accept queues as held
  std::set<PlacedLimit> lifted{};  // limits that do not bind any more
  std::set<Endpoint> down{};       // back ends that their balancer does not choose
};

struct CutLimit {
  Limit limit{};
  std::string place{};
  Interval capacity{};
  bool final = false;  // the port field itself: no setting lifts it
};

struct NetworkAnswer {
  std::uint64_t held = 0;
  std::vector<CutLimit> cut{};  // by limit, then place; empty when all that is asked for is held
  bool left_to_chance = false;  // some figure of the network depends on luck
  // Several processes of a host share pools that span destinations: the network forgets which process's connections
  // went where, so that `held` is an upper bound.
  bool loosened = false;
};

class CapacityNetwork {
 public:
  explicit CapacityNetwork(const Scenario& scenario);  // keeps a reference to it
  ~CapacityNetwork();
  CapacityNetwork(const CapacityNetwork&) = delete;
  CapacityNetwork& operator=(const CapacityNetwork&) = delete;

  NetworkAnswer ask(const NetworkQuestion& question) const;

  // What the network cannot say exactly for this scenario.
  const std::vector<std::string>& notes() const;

 private:
  struct Plan;
  std::unique_ptr<const Plan> plan_;
};

}  // namespace netlimits::analysis
