// What `fuzz --planted-faults` prints.
#pragma once

#include <string>

#include "model/fuzz_result.hpp"

namespace netlimits::report {

// Whether every fault that this kernel can show was noticed.
bool all_noticed(const FaultHuntResult& result);

std::string fault_hunt_text(const FaultHuntResult& result);      // a sentence and a table
std::string fault_hunt_markdown(const FaultHuntResult& result);  // the table alone, for docs/validation.md
std::string fault_hunt_json(const FaultHuntResult& result);      // with the scripts

}  // namespace netlimits::report
