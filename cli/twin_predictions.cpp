// Three ways to run a twin: as it is, with the round trips that a sandbox cannot make, and in other orders.
#include "cli/twin_predictions.hpp"

#include <cstdint>
#include <optional>
#include <utility>

#include "live/sandbox/interrupt.hpp"
#include "sim/replay.hpp"

namespace netlimits::cli {

tl::expected<TwinPredictions, std::string> predictions_of(const Twin& twin, const RunBounds& bounds,
                                                          const std::string& file) {
  const auto run = [bounds, file](const Scenario& scenario, std::optional<std::uint64_t> turns) {
    sim::ReplayOptions options;
    options.turns = turns;
    options.progress = [](const sim::Progress&) { live::stop_if_interrupted(); };
    return replay_within(scenario, bounds, file, std::move(options));
  };
  TwinPredictions found;
  auto predicted = run(twin.scenario, std::nullopt);
  if (!predicted) return tl::unexpected(std::move(predicted.error()));
  found.predicted = *std::move(predicted);
  if (!twin.round_trips.empty()) {
    auto own = run(with_round_trips(twin), std::nullopt);
    if (!own) return tl::unexpected(std::move(own.error()));
    found.others.own = *std::move(own);
  }
  found.others.in_turns = [run, &twin](std::uint64_t order) -> std::optional<RunResult> {
    auto result = run(twin.scenario, order);
    if (!result) return std::nullopt;
    return *std::move(result);
  };
  return found;
}

}  // namespace netlimits::cli
