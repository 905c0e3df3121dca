// What a scenario holds by analysis: an answer for each that is accepted and small.
#include "analysis/capacity.hpp"

#include "scenarios/scenario_loader.hpp"
#include "tests/fuzz-targets/reader_target.hpp"
#include "tests/fuzz-targets/small_scenario.hpp"

void netlimits::fuzz_targets::read(std::string_view text) {
  const auto scenario = scenarios::load_scenario(text, "input.json", scenarios::ProfileSet::built_in());
  if (scenario && is_small(*scenario)) static_cast<void>(analysis::capacity(*scenario));
}
