// Reads what a host holds before the scenario begins: ports, and connections.
#pragma once

#include "model/scenario/scenario.hpp"
#include "scenarios/json/json_reader.hpp"

namespace netlimits::scenarios {

// Connections of one host from before the scenario, in all.
inline constexpr std::uint64_t most_held_connections = 10'000'000;

// Both require: the host's addresses, settings and count are there.
void load_held_ports(const Field& field, HostGroup& host);
void load_held_connections(const Field& field, HostGroup& host);

}  // namespace netlimits::scenarios
