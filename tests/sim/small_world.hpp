// Small scenarios for tests of the replay.
#pragma once

#include <cstdint>

#include "model/scenario/scenario.hpp"

namespace netlimits::sim {

struct SmallWorld {
  std::uint32_t ports = 20;  // from 40000
  std::uint64_t connections = 1;
  std::uint64_t server_nofile = 100'000;
  std::int64_t backlog = 4096;
};

// One client 10.0.0.5, one server 10.0.0.9:443, 200 us apart; all connections at once, held for ever.
Scenario small_world(const SmallWorld& shape);
void add_listener(Scenario& scenario, const char* endpoint);
// `servers` hosts of one group behind a balancer; 60 clients, one connection each.
Scenario balanced_world(std::uint64_t servers, std::uint64_t clients);

}  // namespace netlimits::sim
