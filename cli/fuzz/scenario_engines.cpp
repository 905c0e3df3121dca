#include "cli/fuzz/scenario_engines.hpp"

#include <optional>
#include <string>
#include <vector>

#include "analysis/capacity.hpp"
#include "report/sentence/verdict_sentence.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/scenario_loader.hpp"
#include "scenarios/scenario_writer.hpp"

namespace netlimits::cli {
namespace {

std::optional<std::string> reading(const Scenario& scenario) {
  const std::string text = scenarios::scenario_text(scenario);
  const auto loaded = scenarios::load_scenario(text, scenario.name, scenarios::ProfileSet::built_in());
  if (!loaded) return scenarios::text_of(loaded.error());
  if (const std::string again = scenarios::scenario_text(*loaded); again != text)
    return "what was read is written otherwise: " + again;
  return std::nullopt;
}

std::optional<Scenario> read_backwards(const Scenario& scenario) {
  const std::string text = scenarios::with_keys_backwards(scenarios::scenario_text(scenario));
  auto loaded = scenarios::load_scenario(text, scenario.name, scenarios::ProfileSet::built_in());
  if (!loaded) return std::nullopt;
  return std::move(*loaded);
}

std::vector<fuzz::ClaimedLimit> claimed(const std::vector<analysis::Binding>& binding) {
  std::vector<fuzz::ClaimedLimit> made;
  for (const analysis::Binding& one : binding)
    made.push_back({one.limit, one.place, one.capacity.min, one.capacity.max});
  return made;
}

fuzz::CapacityClaim capacity_of(const Scenario& scenario) {
  const analysis::Capacity found = analysis::capacity(scenario);
  fuzz::CapacityClaim claim{.accepted_least = found.capacity.min,
                            .accepted_most = found.capacity.max,
                            .established_least = found.established.min,
                            .established_most = found.established.max,
                            .binding = claimed(found.binding),
                            .refusing = claimed(found.refusing)};
  for (const analysis::Rung& rung : found.ladder)
    claim.ladder.push_back({rung.capacity.min, rung.capacity.max, claimed(rung.binding)});
  claim.held_most = found.held.max;
  claim.nothing_breaks = found.binding.empty() && found.left_out.empty();
  for (const analysis::SteadyState& steady : found.steady_state) {
    if (steady.bound_fails != analysis::BoundFails::no) claim.nothing_breaks = false;
    if (!steady.first_failure_after) continue;
    claim.failures.push_back({steady.limit, steady.place, steady.first_failure_after->min,
                              steady.first_failure_after->max, steady.first_failure_at, steady.failure_is_open});
  }
  const report::FirstToBreak first = report::first_to_break(found);
  claim.first = claimed(first.limits);
  claim.first_is_open = first.open;
  for (fuzz::ClaimedLimit& one : claim.first) one.error = report::error_of(scenario, one.limit, one.place);
  return claim;
}

}  // namespace

fuzz::ScenarioEngines scenario_engines() {
  return {.reading = reading, .capacity = capacity_of, .read_backwards = read_backwards};
}

}  // namespace netlimits::cli
