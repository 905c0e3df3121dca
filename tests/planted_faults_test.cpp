// Would the fuzzer notice? Models that lack one rule each meet the kernel.
#include <iostream>
#include <string>

#include "analysis/comparison/script_comparison.hpp"
#include "fuzz/fault_hunt.hpp"
#include "fuzz/planted_faults.hpp"
#include "live/calls/script_on_kernel.hpp"
#include "tests/catch.hpp"

using namespace netlimits;

TEST_CASE("random scripts on the kernel notice every rule that is left out of the model within 20,000 cases") {
  auto kernel = live::KernelScriptRunner::start();
  if (!kernel) {
    std::cout << "not run: the kernel cannot be asked: " << kernel.error().why << "\n";
    return;
  }
  fuzz::FaultHuntOptions options;
  options.several_users = kernel->several_users();
  options.generator.several_users = options.several_users;
  const fuzz::FaultHuntResult result = fuzz::hunt_faults(
      options, fuzz::planted_faults(), [&](const Script& script) { return kernel->run(script, false); },
      analysis::first_difference);
  CHECK(result.faults.size() >= 40);
  std::size_t noticed = 0;
  for (const fuzz::HuntedFault& fault : result.faults) {
    if (!fault.why_not_run.empty()) {
      std::cout << fault.name << " is not among them: " << fault.why_not_run << "\n";
      continue;
    }
    INFO(fault.name << ": " << fault.believes << "; " << result.cases << " cases, " << result.left_out
                    << " left out, the first because: " << result.why_left_out);
    CHECK(fault.cases.has_value());
    ++noticed;
  }
  CHECK(noticed >= 20);
  std::cout << noticed << " planted faults, " << result.cases << " cases\n";
  // A case that the right model itself does not get right proves nothing; a few are a busy machine.
  CHECK(result.left_out * 50 <= result.cases);
}
