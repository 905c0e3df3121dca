// Capacity where proxies pass on: a client's connection and the one that the proxy makes for it are one of those that
// are held, and each half meets limits of its own.
//
// Two questions without a proxy answer it. In front, the proxies are servers: each connection takes two of their
// descriptors. Behind, they are clients, with as many connections as come to them, at the same pace: their ports, and
// what the back ends take. Both hold what the narrower one holds, and the ladders of both are one.
#pragma once

#include <optional>
#include <set>

#include "analysis/capacity.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::analysis {

// Requires: some proxies.
Capacity proxied_capacity(const Scenario& scenario);
std::optional<Rung> proxied_once_lifted(const Scenario& scenario, const std::set<PlacedLimit>& lifted, Counted counted);

}  // namespace netlimits::analysis
