// The estimate comes first; the clock is looked at while the replay reports its progress.
#include "cli/run_bounds.hpp"

#include <utility>

#include <fmt/format.h>

#include "report/forms/escaping.hpp"
#include "report/forms/number_text.hpp"

namespace netlimits::cli {

std::optional<std::string> refused_before_run(const Scenario& scenario, const RunBounds& bounds,
                                              const std::string& file) {
  const auto reason = too_much(scenario, bounds.memory, bounds.most_steps());
  if (!reason) return std::nullopt;
  return report::text_line(fmt::format("{}: {}", file, reason->text()));
}

tl::expected<RunResult, std::string> replay_within(const Scenario& scenario, const RunBounds& bounds,
                                                   const std::string& file, sim::ReplayOptions options) {
  const auto begin = std::chrono::steady_clock::now();
  options.most_steps = bounds.most_steps();
  if (bounds.timeout) {
    options.stop = [&](const sim::Progress& progress) -> std::optional<TooMuch> {
      if (std::chrono::steady_clock::now() - begin < *bounds.timeout) return std::nullopt;
      return TooMuch{fmt::format("--timeout is over after {} s of virtual time and {} to connect",
                                 progress.now.time_since_epoch() / std::chrono::seconds(1),
                                 report::counted(progress.attempted, "attempts")),
                     "allow more time, or make the scenario smaller or its \"duration\" shorter"};
    };
  }
  return sim::replay_bounded(scenario, options).map_error([&](const TooMuch& reason) {
    return report::text_line(fmt::format("{}: {}", file, reason.text()));
  });
}

}  // namespace netlimits::cli
