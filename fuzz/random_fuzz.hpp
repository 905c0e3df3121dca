// Random scripts on two executors, by several pairs of them at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "fuzz/fuzz_result.hpp"
#include "fuzz/script_fuzzer.hpp"
#include "fuzz/script_generator.hpp"

namespace netlimits::fuzz {

struct FuzzOptions {
  std::uint64_t seed = 1;
  std::uint64_t first_case = 0;
  std::uint64_t cases = 1000;
  std::size_t most_disagreements = 10;  // stop after so many
  GeneratorOptions generator{};
  // Asked by the calling thread before each of its cases; true ends the run early (a time limit). It may throw.
  std::function<bool()> stop{};
  // Called by the calling thread.
  std::function<void(std::uint64_t cases, std::uint64_t calls)> progress{};
};

// The model agrees with the kernel if it does so for one outcome of the draws that nobody can see. Each of `engines`
// works in a thread of its own, the first in the caller's. What was found is told in the order of the cases, so that
// their number makes no difference. Requires: at least one.
FuzzResult fuzz_scripts(const FuzzOptions& options, std::span<const FuzzEngines> engines);

}  // namespace netlimits::fuzz
