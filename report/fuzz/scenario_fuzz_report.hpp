// What `fuzz --scenarios` prints.
#pragma once

#include <string>

#include "fuzz/scenarios/scenario_fuzzer.hpp"

namespace netlimits::report {

// One sentence, how many cases break each law, and each finding as a scenario that can be run again.
std::string scenario_fuzz_text(const fuzz::ScenarioFuzzResult& result);
std::string scenario_fuzz_json(const fuzz::ScenarioFuzzResult& result);

}  // namespace netlimits::report
