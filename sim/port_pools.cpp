// Pools of automatic ports, counted as they are taken and given back.
#include "sim/port_pools.hpp"

#include <algorithm>

namespace netlimits::sim {

void PortPools::add(const Place& place, std::uint64_t nominal) {
  const auto [named, is_new] = place_index_.try_emplace(place, static_cast<std::uint32_t>(places_.size()));
  if (is_new) places_.push_back(place);
  pools_.push_back({.place = named->second, .meter = {.capacity = nominal}});
}

PortPools::Use PortPools::took(Use use) {
  Meter& meter = pools_[use].meter;
  meter.take();
  // A setting may have made the range larger, or others may have given back what this pool could not have before.
  meter.capacity = std::max(meter.capacity, meter.open);
  return use;
}

void PortPools::give_back(Use use) {
  if (use != none) pools_[use].meter.give_back();
}

void PortPools::exhausted(const PoolKey& key) {
  const auto found = index_.find(key);
  if (found == index_.end()) return;
  Meter& meter = pools_[found->second].meter;
  meter.capacity = meter.peak;
}

void PortPools::write(Meters& meters) const {
  for (const Pool& pool : pools_) meters.add({Limit::ephemeral_ports, places_[pool.place]}, pool.meter);
}

}  // namespace netlimits::sim
