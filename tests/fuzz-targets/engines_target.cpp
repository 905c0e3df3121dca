// What a scenario comes to: one that is accepted and small is replayed, and made into the twin that the kernel would
// run, whose predictions are replayed too. None of them throws, or goes on for ever.
#include <cstdint>
#include <optional>

#include "model/scenario/twin.hpp"
#include "scenarios/scenario_loader.hpp"
#include "sim/replay.hpp"
#include "tests/fuzz-targets/reader_target.hpp"
#include "tests/fuzz-targets/small_scenario.hpp"

namespace netlimits::fuzz_targets {
namespace {

void replayed(const Scenario& scenario, std::optional<std::uint64_t> turns = std::nullopt) {
  static_cast<void>(sim::replay_bounded(scenario, {.most_steps = most_steps, .turns = turns}));
}

}  // namespace

void read(std::string_view text) {
  const auto scenario = scenarios::load_scenario(text, "input.json", scenarios::ProfileSet::built_in());
  if (!scenario || !is_small(*scenario)) return;
  replayed(*scenario);
  const Twin twin = twin_for(*scenario, {});
  if (!is_small(twin.scenario)) broken("a twin is no larger than its scenario");
  replayed(twin.scenario);
  replayed(twin.scenario, 1);
  replayed(with_round_trips(twin));
}

}  // namespace netlimits::fuzz_targets
