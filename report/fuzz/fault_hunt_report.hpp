// What `fuzz --planted-faults` prints.
#pragma once

#include <string>

#include "fuzz/fuzz_result.hpp"
#include "report/kernel_basis.hpp"

namespace netlimits::report {

// Whether every fault that this kernel can show was noticed.
bool all_noticed(const fuzz::FaultHuntResult& result);

std::string fault_hunt_text(const fuzz::FaultHuntResult& result);      // a sentence and a table
std::string fault_hunt_markdown(const fuzz::FaultHuntResult& result);  // the table alone, for docs/validation.md
// With the scripts.
std::string fault_hunt_json(const fuzz::FaultHuntResult& result, const KernelBasis& basis);

}  // namespace netlimits::report
