// What `fuzz --scenarios --planted-faults` prints.
#pragma once

#include <string>

#include "fuzz/scenarios/scenario_fault_hunt.hpp"

namespace netlimits::report {

bool all_noticed(const fuzz::ScenarioHuntResult& result);

std::string scenario_hunt_text(const fuzz::ScenarioHuntResult& result);      // a sentence and a table
std::string scenario_hunt_markdown(const fuzz::ScenarioHuntResult& result);  // the table alone, for docs/validation.md
std::string scenario_hunt_json(const fuzz::ScenarioHuntResult& result);      // with the scenarios

}  // namespace netlimits::report
