// What `fuzz` prints.
#pragma once

#include <string>

#include "model/fuzz_result.hpp"

namespace netlimits::report {

// One sentence, each disagreement as a script that can be run again, and the rules and results that were reached.
std::string fuzz_text(const FuzzResult& result);
std::string fuzz_json(const FuzzResult& result);

}  // namespace netlimits::report
