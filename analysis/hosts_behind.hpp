// What goes down together behind a balancer.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

// The back ends of each host behind a balancer, in the order of the first of each: a host takes all of its back ends
// with it. "web", "web[1]" of a group; an address that nobody has stands for itself, without a name.
std::vector<std::pair<std::string, std::vector<Endpoint>>> hosts_behind(const Scenario& scenario, const Wiring& wiring,
                                                                        const Balancer& balancer);

// "10.1.0.9:443, 10.1.0.10:443"
std::string texts_of(const std::vector<Endpoint>& back_ends);

}  // namespace netlimits::analysis
