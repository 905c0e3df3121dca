// Relations: what must hold between a scenario and relatives of it, other scenarios that say the same in other words or
// that have a little more room. They need no one who knows the right figures.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "fuzz/scenarios/scenario_engines.hpp"
#include "fuzz/scenarios/scenario_laws.hpp"
#include "fuzz/scenarios/scenario_relatives.hpp"
#include "model/scenario/result.hpp"
#include "model/scenario/scenario.hpp"

namespace netlimits::fuzz {

struct Relation {
  std::string_view name;  // of the law, in the order in which they are listed below
  // Nothing: the relation says nothing of this scenario.
  std::optional<Relative> (*relative)(const Scenario&, const ScenarioEngines&);
};

//  - keys-reordered: the file with the keys of its objects from the last to the first gives the same figures.
//  - hosts-renamed, balancers-renamed, processes-renamed, workloads-renamed: so do other names.
//  - unused-host-added: so does one more host to which nothing happens.
//  - paths-turned: so do paths that are written the other way round.
//  - group-split: so do, in sum, the hosts of a group one by one.
//  - mirrored-to-ipv6: so does IPv6 in place of IPv4.
//  - another-seed: so does another seed where nothing is drawn; and whatever is drawn, nothing else is claimed.
//  - one-more-port, one-more-descriptor, one-more-place: more room is never less.
// Which scenarios each of them leaves out, and why, stands with what makes the relative (scenario_relatives.hpp).
std::span<const Relation> all_relations();

// Of those that say something of the scenario, `how_many`: which ones changes from number to number.
std::vector<Relation> relations_in_turn(const Scenario& scenario, const ScenarioEngines& engines, std::uint64_t number,
                                        std::size_t how_many);

// A scenario with what the engines say of it.
struct JudgedScenario {
  const Scenario& scenario;
  RunResult result{};
  CapacityClaim claim{};
};

// What is broken between the scenario and its relative, or by the relative alone; all under the name of the relation.
std::vector<BrokenLaw> broken_relation(const JudgedScenario& judged, const Relation& relation,
                                       const ScenarioEngines& engines);

}  // namespace netlimits::fuzz
