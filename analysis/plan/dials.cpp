// Turned in the order of the table, on a copy of the scenario as it was.
#include "analysis/plan/dials.hpp"

#include <algorithm>

namespace netlimits::analysis {

const Knob& knob_of(const Dial& dial) { return knobs()[dial.knob]; }

Dials::Dials(const Scenario& asked, const PlanGoal& goal, const std::set<std::string>& forbidden)
    : asked_(&asked), goal_(&goal), forbidden_(&forbidden), wiring_(asked) {}

const std::optional<DialRange>& Dials::range(const Dial& dial) {
  const auto known = ranges_.find(dial);
  if (known != ranges_.end()) return known->second;
  auto range = knob_of(dial).range(*asked_, wiring_, dial.place);
  if (range && range->most <= range->before) range.reset();
  return ranges_.emplace(dial, range).first->second;
}

std::uint64_t Dials::figure(const Turned& turned, const Dial& dial) {
  const auto found = turned.find(dial);
  return found != turned.end() ? found->second : range(dial)->before;
}

Scenario Dials::scenario(const Turned& turned) {
  Scenario changed = *asked_;
  for (const auto& [dial, figure] : turned) knob_of(dial).turn(changed, dial.place, range(dial)->before, figure);
  return changed;
}

const Reached& Dials::reached(const Turned& turned) {
  const auto known = known_.find(turned);
  if (known != known_.end()) return known->second;
  return known_.emplace(turned, analysis::reached(scenario(turned), *goal_)).first->second;
}

bool Dials::may_turn(const Knob& knob) const {
  return !forbidden_->contains(std::string(knob.name)) && (!knob.for_rates_only || goal_->rate.has_value());
}

void Dials::add_those_against(const Scenario& changed, const Wiring& wiring, const PlacedLimit& limit,
                              const Turned& turned, std::vector<Dial>& found) {
  for (std::size_t number = 0; number < knobs().size(); ++number) {
    const Knob& knob = knobs()[number];
    if (!may_turn(knob)) continue;
    for (const DialPlace& place : knob.against(changed, wiring, limit)) {
      Dial dial{number, place};
      const auto& range = this->range(dial);
      if (!range || figure(turned, dial) >= range->most) continue;
      if (std::find(found.begin(), found.end(), dial) == found.end()) found.push_back(std::move(dial));
    }
  }
}

std::vector<Dial> Dials::against(const Turned& turned, const Reached& found) {
  std::vector<Dial> dials;
  const Scenario changed = scenario(turned);
  const Wiring wiring(changed);
  if (!found.alone.empty()) {
    const Knob* const hosts = knob_named("hosts");
    Dial more{static_cast<std::size_t>(hosts - knobs().data()), {.host = found.alone}};
    const auto& range = this->range(more);
    if (may_turn(*hosts) && range && figure(turned, more) < range->most) dials.push_back(std::move(more));
  }
  // All of what is in the way has to go: one that can be turned against the first of it is as good as any.
  for (const Binding& binding : found.in_the_way) {
    add_those_against(changed, wiring, {binding.limit, binding.place}, turned, dials);
    if (!dials.empty()) break;
  }
  return dials;
}

}  // namespace netlimits::analysis
