// The table of tracked connections of a measured machine.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "model/machine/machine.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits {

// Entries that are there are held; those of the machine's connections are among them. Nothing: it was not seen, or has
// no entry, so that no rule of the machine tracks connections.
inline std::optional<ConntrackSettings> table_of(const Machine& machine) {
  const std::uint64_t max = machine.conntrack_max.value_or(0);
  const std::uint64_t entries = machine.conntrack_entries.value_or(0);
  if (max == 0 || entries == 0) return std::nullopt;
  ConntrackSettings table;
  table.max = max;
  table.buckets = std::max<std::uint64_t>(1, machine.conntrack_buckets.value_or(max));
  table.held = std::min(max, entries);
  return table;
}

}  // namespace netlimits
