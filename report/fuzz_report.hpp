// What `fuzz` prints.
#pragma once

#include <string>

#include "model/fuzz_result.hpp"
#include "model/time.hpp"

namespace netlimits::report {

// One sentence, each disagreement as a script that can be run again, and the rules and results that were reached.
std::string fuzz_text(const FuzzResult& result);
std::string fuzz_json(const FuzzResult& result);

// The same for `fuzz --every`, with a table of the small worlds. `took`: by the clock on the wall.
std::string sequence_text(const SequenceResult& result, Duration took);
std::string sequence_json(const SequenceResult& result, Duration took);

}  // namespace netlimits::report
