// What can be changed in a scenario so that it carries more: a knob is one kind of change, a dial one place where a
// scenario has it. A new knob is one file in analysis/plan/knobs/ and a line in its table.
//
// A dial has a figure. Turned to a higher one, a scenario carries as much or more; where figures are not counted (a
// bind style, a switch) it is 0 as the scenario has it, and 1 changed.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/net/address.hpp"
#include "model/scenario/place.hpp"
#include "model/scenario/scenario.hpp"
#include "model/scenario/wiring.hpp"

namespace netlimits::analysis {

// Where: names of the scenario; those that say nothing are empty.
struct DialPlace {
  std::string host{};
  std::string process{};
  std::string workload{};
  std::string gateway{};
  Family family = Family::inet;  // of addresses

  std::string text() const;  // "client/app", "load -> server/web", "nat-1"
  auto operator<=>(const DialPlace&) const = default;
};

struct DialRange {
  std::uint64_t before = 0;  // as the scenario has it
  std::uint64_t most = 0;    // what the system, the format or the free addresses let it have
};

// What a change costs, in points (docs/plan.md): `once` for making it at all, `each` for every `step` that the figure
// is higher than before.
struct KnobCost {
  std::uint64_t once = 0;
  std::uint64_t each = 0;
  std::uint64_t step = 1;

  std::uint64_t of(std::uint64_t before, std::uint64_t after) const;
};

// Settings by their real names, as one would write them.
using SettingLines = std::vector<std::pair<std::string, std::string>>;

struct Knob {
  std::string_view name;  // "nofile": stable, what --prefer and --forbid take
  std::string_view unit;  // "descriptors"; empty: a switch, its value says it all
  KnobCost cost{};
  bool for_rates_only = false;  // it changes how many are there at once, and so what a count asks for
  // Where it can be turned against that limit, in the order of names. `scenario`: as far as it is changed already.
  std::vector<DialPlace> (*against)(const Scenario& scenario, const Wiring& wiring, const PlacedLimit& limit);
  // Nothing: this scenario has no such dial, or it cannot be turned.
  std::optional<DialRange> (*range)(const Scenario& scenario, const Wiring& wiring, const DialPlace& place);
  // Requires: a dial of the scenario as it was, with this `before`; before < figure <= most. Others may be turned
  // already.
  void (*turn)(Scenario& scenario, const DialPlace& place, std::uint64_t before, std::uint64_t figure);
  // What the scenario has there, for a reader: "1,024" is said as 1024, "32768 60999", "connect".
  std::string (*value)(const Scenario& scenario, const DialPlace& place);
  // The settings of the host that say it; null: it is none of a system's settings.
  SettingLines (*settings)(const Scenario& scenario, const DialPlace& place) = nullptr;
};

// In the order in which they are turned: what others count (hosts, addresses) before what follows it.
const std::vector<Knob>& knobs();
const Knob* knob_named(std::string_view name);  // null: there is none

}  // namespace netlimits::analysis
