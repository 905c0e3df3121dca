// All short sequences of calls, on the kernel and on the model.
#include <array>
#include <iostream>
#include <vector>

#include "analysis/comparison/script_comparison.hpp"
#include "fuzz/every_sequence.hpp"
#include "live/calls/script_on_kernel.hpp"
#include "report/fuzz/fuzz_report.hpp"
#include "sim/script_on_model.hpp"
#include "tests/catch.hpp"

using namespace netlimits;

TEST_CASE("the model answers every sequence of up to three calls as the kernel does") {
#ifdef NDEBUG
  constexpr std::size_t length = 3;
#else
  constexpr std::size_t length = 2;
#endif
  std::vector<live::KernelScriptRunner> kernels;
  while (kernels.size() < 2) {
    auto kernel = live::KernelScriptRunner::start();
    if (!kernel) {
      std::cout << "not run: the kernel cannot be asked: " << kernel.error().why << "\n";
      return;
    }
    kernels.push_back(std::move(*kernel));
  }
  const sim::ModelScriptRunner model;
  std::vector<fuzz::FuzzEngines> engines;
  for (live::KernelScriptRunner& kernel : kernels) {
    engines.push_back(
        {.kernel = [&](const Script& script) { return kernel.run_at_once(script); },
         .model = [&](const Script& script, const ScriptRun&,
                      const std::shared_ptr<GroupDraws>& draws) { return model.run(script, nullptr, false, draws); },
         .difference = analysis::first_difference});
  }
  fuzz::SequenceOptions options;
  options.length = length;
  const fuzz::SequenceResult result = fuzz::every_sequence(options, engines);
  INFO(report::sequence_text(result, Duration::zero()));
  CHECK(result.found.disagreements.empty());
  CHECK(result.found.not_run == 0);
  CHECK_FALSE(result.ended_early);
  CHECK(result.found.cases > 2000);
  // A sequence that differs once and not again proves nothing; a few are a busy machine.
  CHECK(result.found.unsteady.size() * 100 <= result.found.cases);
  std::cout << result.found.cases << " sequences of up to " << length << " calls\n";
}
