// What `fuzz` prints.
#pragma once

#include <string>

#include "fuzz/fuzz_result.hpp"
#include "model/net/time.hpp"
#include "report/kernel_basis.hpp"

namespace netlimits::report {

// One sentence, each disagreement as a script that can be run again, and the rules and results that were reached.
std::string fuzz_text(const fuzz::FuzzResult& result);
std::string fuzz_json(const fuzz::FuzzResult& result, const KernelBasis& basis);

// The same for `fuzz --every`, with a table of the small worlds. `took`: by the clock on the wall.
std::string sequence_text(const fuzz::SequenceResult& result, Duration took);
std::string sequence_json(const fuzz::SequenceResult& result, Duration took, const KernelBasis& basis);

}  // namespace netlimits::report
