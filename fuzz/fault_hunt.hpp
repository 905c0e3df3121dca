// Measures the fuzzer: models that are wrong in one rule each meet the same random scripts on the same kernel until
// each has been noticed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "fuzz/fuzz_result.hpp"
#include "fuzz/planted_faults.hpp"
#include "fuzz/script_fuzzer.hpp"
#include "fuzz/script_generator.hpp"

namespace netlimits::fuzz {

struct FaultHuntOptions {
  std::uint64_t seed = 1;
  std::uint64_t cases = 20'000;  // at most
  GeneratorOptions generator{};
  bool several_users = false;  // whether the kernel can have processes of different users
  bool shrink = false;
  Rules right{};  // those of the kernel that is asked
  std::function<bool()> stop{};
  std::function<void(std::uint64_t cases, std::size_t left)> progress{};
};

// Each case runs once on the kernel (`kernel`, as FuzzEngines::kernel), then on the right model and on each faulty one
// that nobody has noticed yet. A fault is noticed by a case in which the right model agrees with the kernel and the
// faulty one differs (`difference`), and still so each of several times with new runs on the kernel; or by a port that
// the faulty model gives and the kernel never (port_choice_tally.hpp).
FaultHuntResult hunt_faults(
    const FaultHuntOptions& options, std::span<const PlantedFault> faults,
    const std::function<ScriptRun(const Script&)>& kernel,
    const std::function<std::optional<std::size_t>(const ScriptRun&, const ScriptRun&)>& difference);

}  // namespace netlimits::fuzz
