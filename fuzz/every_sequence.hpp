// All sequences of calls over small worlds (call_sequence.hpp), on a kernel and on the model, compared step by step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "fuzz/fuzz_result.hpp"
#include "fuzz/script_fuzzer.hpp"

namespace netlimits::fuzz {

struct SequenceOptions {
  // So many calls from nothing; one less from the other beginnings. Making a socket does not count. At least 1.
  std::size_t length = 3;
  std::size_t most_disagreements = 10;  // stop after so many different ones
  // Asked now and then by the calling thread; true ends the run early (a time limit, an interrupt).
  std::function<bool()> stop{};
  std::function<void(std::uint64_t sequences, std::uint64_t calls)> progress{};
};

// Runs every sequence of 1, 2, ... calls; each as a script of its own, because a kernel cannot be put back to where a
// prefix left it. What continues a sequence that differs is left out.
// One thread for each of `engines`, the calling one among them. Requires: at least one; no two share anything.
SequenceResult every_sequence(const SequenceOptions& options, std::span<const FuzzEngines> engines);

}  // namespace netlimits::fuzz
