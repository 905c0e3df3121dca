// How much memory and time a replay may take: --memory, --steps and --timeout.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <tl/expected.hpp>

#include "model/net/bounded_time.hpp"
#include "model/scenario/result.hpp"
#include "model/scenario/run_needs.hpp"
#include "model/scenario/scenario.hpp"
#include "sim/replay.hpp"

namespace netlimits::cli {

struct RunBounds {
  std::uint64_t memory = usual_memory;  // bytes
  std::optional<std::chrono::nanoseconds> timeout{};
  std::optional<std::uint64_t> steps{};

  // Whoever says how long it may take has bounded it.
  std::uint64_t most_steps() const { return steps.value_or(timeout ? most_count : usual_steps); }
};

// Nothing: it is within the bounds, as far as one can say before it runs. Else what to print.
std::optional<std::string> refused_before_run(const Scenario& scenario, const RunBounds& bounds,
                                              const std::string& file);

// The error is what to print.
tl::expected<RunResult, std::string> replay_within(const Scenario& scenario, const RunBounds& bounds,
                                                   const std::string& file, sim::ReplayOptions options = {});

}  // namespace netlimits::cli
