// A list that is looked through again and again.
#include "cli/kernel_runs.hpp"

#include <utility>

#include "live/sandbox/interrupt.hpp"
#include "sim/drawn_times.hpp"

namespace netlimits::cli {

void KernelRuns::begin(std::uint64_t number, Twin twin, live::ObserveOptions options) {
  options.drawn = sim::drawn_times(twin.scenario);
  auto run = live::OngoingObservation::begin(twin.scenario, std::move(options));
  runs_.push_back({number, std::move(twin), std::move(run)});
}

std::optional<KernelRuns::Ended> KernelRuns::ended() {
  for (auto run = runs_.begin(); run != runs_.end(); ++run) {
    if (!run->run.wait(std::chrono::milliseconds(20))) {
      if (watch) watch(run->number, run->run.progress());
      continue;
    }
    Ended over{run->number, std::move(run->twin), run->run.result()};
    runs_.erase(run);
    return over;
  }
  return std::nullopt;
}

KernelRuns::Ended KernelRuns::wait() {
  while (true) {
    live::stop_if_interrupted();
    if (auto over = ended()) return *std::move(over);
  }
}

}  // namespace netlimits::cli
