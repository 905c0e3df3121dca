// Two models as the executors of a comparison: no kernel has to be asked.
#pragma once

#include "fuzz/script_fuzzer.hpp"
#include "sim/script_on_model.hpp"

namespace netlimits::fuzz {

// `one` plays the kernel. Both outlive the result.
inline FuzzEngines two_models(const sim::ModelScriptRunner& one, const sim::ModelScriptRunner& other) {
  return {.kernel = [&](const Script& script) { return one.run(script, nullptr, false); },
          .model = [&](const Script& script, const ScriptRun& seen,
                       const std::shared_ptr<GroupDraws>& draws) { return other.run(script, &seen, false, draws); },
          .difference = [](const ScriptRun& a, const ScriptRun& b) -> std::optional<std::size_t> {
            for (std::size_t at = 0; at < a.steps.size(); ++at)
              if (a.steps[at].result != b.steps[at].result) return at;
            return std::nullopt;
          }};
}

}  // namespace netlimits::fuzz
