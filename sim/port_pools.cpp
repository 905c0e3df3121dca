#include "sim/port_pools.hpp"

#include <algorithm>

namespace netlimits::sim {

void PortPools::add(const Place& place, std::uint64_t nominal) {
  const auto [named, is_new] = place_index_.try_emplace(place, static_cast<std::uint32_t>(places_.size()));
  if (is_new) places_.push_back(place);
  pools_.push_back({.place = named->second, .capacity = static_cast<std::uint32_t>(nominal)});
}

PortPools::Use PortPools::took(Use use) {
  Pool& pool = pools_[use];
  ++pool.in_use;
  pool.peak = std::max(pool.peak, pool.in_use);
  pool.capacity = std::max(pool.capacity, pool.peak);
  return use;
}

void PortPools::give_back(Use use) {
  if (use != none && pools_[use].in_use > 0) --pools_[use].in_use;
}

void PortPools::exhausted(const PoolKey& key) {
  const auto found = index_.find(key);
  if (found == index_.end()) return;
  Pool& pool = pools_[found->second];
  pool.capacity = pool.in_use;
}

void PortPools::write(Measurements& measurements) const {
  for (const Pool& pool : pools_) {
    measurements.use({Limit::ephemeral_ports, places_[pool.place]}, pool.capacity, pool.peak);
  }
}

}  // namespace netlimits::sim
