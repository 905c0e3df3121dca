// One script on two executors, compared step by step; a disagreement is shrunk to a minimal script.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fuzz/fuzz_result.hpp"
#include "model/script/script.hpp"
#include "model/sockets/group_draws.hpp"

namespace netlimits::fuzz {

// The executors, and how their runs are compared: sim/ knows neither the kernel nor the comparison.
struct FuzzEngines {
  std::function<ScriptRun(const Script&)> kernel{};
  // Follows the kernel's port choices; who takes a connection in a SO_REUSEPORT group is told by the draws.
  std::function<ScriptRun(const Script&, const ScriptRun& kernel, const std::shared_ptr<GroupDraws>&)> model{};
  // The first step at which they differ; nothing when they agree.
  std::function<std::optional<std::size_t>(const ScriptRun& kernel, const ScriptRun& model)> difference{};
};

// Runs a script on both and compares.
struct ComparedRuns {
  ScriptRun kernel;
  ScriptRun model;
  std::optional<std::size_t> difference;  // the first step
  bool ran = false;                       // both could run it
};
ComparedRuns compare(const Script& script, const FuzzEngines& engines);

// For a script whose runs differed: repeats it, and shrinks it if they differ each time. Nothing when they do not: a
// busy machine can delay what loopback normally does within the call. The script that is left expects what the kernel
// did.
std::optional<Disagreement> settle(const Script& script, const FuzzEngines& engines);

// Counts the calls of a comparison, and the rules and results that it reached.
void count(const ComparedRuns& comparison, FuzzResult& result);

// The shortest script found by dropping steps, settings and options of `script` that `still_differs` accepts.
// Requires: still_differs(script).
Script shrink(const Script& script, const std::function<bool(const Script&)>& still_differs);

}  // namespace netlimits::fuzz
