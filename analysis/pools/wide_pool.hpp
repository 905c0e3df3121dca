// A pool that spans destinations: automatic ports by address or by host, or named ports that cannot be shared.
#pragma once

#include <compare>
#include <cstddef>
#include <optional>
#include <set>

#include "analysis/client_flows.hpp"
#include "analysis/interval.hpp"
#include "model/scenario/automatic_ports.hpp"
#include "model/scenario/place.hpp"
#include "model/systems/limit.hpp"

namespace netlimits::analysis {

struct WidePool {
  PoolKind kind{};
  std::optional<std::size_t> named_by{};  // the workload whose named ports they are
  std::strong_ordering operator<=>(const WidePool&) const = default;
};

// One of them in the network of a class of hosts.
struct WidePoolUse {
  Interval named{};
  Interval ports{};
  Limit limit{};
  Place place{};
  std::set<FlowNetwork::Node> programs{};
  FlowNetwork::Node in = 0;
  FlowNetwork::Node out = 0;
};

// Nothing: its ports are shared per four-tuple, or it does not come to ask for one.
std::optional<WidePool> wide_pool_of(const Flow& flow);

}  // namespace netlimits::analysis
