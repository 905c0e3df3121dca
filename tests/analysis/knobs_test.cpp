// Every knob can be said on the systems that have it, and every remedy is a knob's.
#include <algorithm>
#include <set>
#include <string>

#include "analysis/plan/knob.hpp"
#include "scenarios/knowledge/remedies.hpp"
#include "tests/catch.hpp"

using namespace netlimits;

TEST_CASE("each knob has a remedy and each remedy a knob, of the same name") {
  std::set<std::string> knobs;
  std::set<std::string> remedies;
  for (const analysis::Knob& knob : analysis::knobs()) knobs.insert(std::string(knob.name));
  for (const scenarios::Remedy& remedy : scenarios::remedies()) remedies.insert(remedy.name);
  CHECK(knobs == remedies);
  CHECK(knobs.size() == analysis::knobs().size());
}

TEST_CASE("a cost is for making a change, and for each step of it") {
  const analysis::KnobCost cost{.once = 4, .each = 2, .step = 10};
  CHECK(cost.of(1, 1) == 4);
  CHECK(cost.of(1, 2) == 6);
  CHECK(cost.of(1, 11) == 6);
  CHECK(cost.of(1, 12) == 8);
}
