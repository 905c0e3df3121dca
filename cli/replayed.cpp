// The run, and the analysis that its first line names the next limit by.
#include "cli/replayed.hpp"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "analysis/capacity.hpp"
#include "cli/progress_line.hpp"
#include "sim/replay.hpp"

namespace netlimits::cli {

tl::expected<report::RunReport, std::string> replayed(const Scenario& scenario, const RunBounds& bounds,
                                                      const std::string& file) {
  ProgressLine line;
  sim::ReplayOptions options;
  options.progress = [&](const sim::Progress& progress) {
    line.show(fmt::format("{}: {} s of virtual time, {} of {} connections begun", scenario.name,
                          progress.now.time_since_epoch() / std::chrono::seconds(1), progress.attempted,
                          progress.asked));
  };
  auto result = replay_within(scenario, bounds, file, options);
  if (!result) return tl::unexpected(std::move(result.error()));
  return report::make_run_report(scenario, *result, analysis::capacity(scenario), file);
}

}  // namespace netlimits::cli
