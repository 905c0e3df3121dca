// Which scenarios the engines are tried with.
#pragma once

#include <cstdint>

#include "model/net/bounded_time.hpp"
#include "model/scenario/run_needs.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::fuzz_targets {

// So small that many are tried: what breaks an engine rarely needs much of anything.
inline constexpr std::uint64_t most_connections = 32;
inline constexpr std::uint64_t most_retries = 4;
inline constexpr std::uint64_t most_things = 6;
inline constexpr std::uint64_t most_steps = 4'000;
inline constexpr std::uint64_t most_memory = std::uint64_t{16} << 20U;

inline bool is_small(const Scenario& scenario) {
  std::uint64_t connections = 0;
  for (const auto& [name, workload] : scenario.workloads) {
    connections = bounded_sum(connections, workload.connections);
    if (workload.retry.attempts > most_retries || workload.to.size() > most_things) return false;
  }
  if (scenario.hosts.size() > most_things || scenario.workloads.size() > most_things) return false;
  for (const auto& [name, host] : scenario.hosts) {
    std::uint64_t processes = 0;
    for (const Process& process : host.processes) processes = bounded_sum(processes, process.count);
    if (processes > most_things || host.addresses.size() > most_things) return false;
  }
  return connections <= most_connections && !too_much(scenario, most_memory);
}

}  // namespace netlimits::fuzz_targets
