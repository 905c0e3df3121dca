// One socket script, two executors: where they part, and what that makes of the script.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "model/script/script.hpp"

namespace netlimits::analysis {

// The first step at which two runs of one script part, as an index into the steps of both; nothing when they agree.
// Every result counts, and so do the values that calls gave and the ports that were taken, where both know them. A run
// that is longer than the other parts from it where the shorter one ends.
std::optional<std::size_t> first_difference(const ScriptRun& kernel, const ScriptRun& model);

enum class ScriptVerdict : std::uint8_t {
  holds,     // every step gave what the script expects
  fails,     // some step gave something else, and every executor that was asked says so
  disagree,  // the model and the kernel say different things
  not_run,   // no executor could run it, or it was left out
};

struct ScriptFinding {
  ScriptVerdict verdict = ScriptVerdict::holds;
  std::string pointer{};   // the step in question
  std::string call{};      // what it does: "bind b 127.0.0.1 7000"
  std::string expected{};  // in words; empty: the script accepts what both gave, and still they differ
  std::string model{};     // what each gave there; empty: it was not asked, or did not come so far
  std::string kernel{};
  std::string rule{};           // the model's rule that decided there
  std::string model_not_run{};  // why an executor that was asked could not run the script
  std::string kernel_not_run{};
  // How often they differed before they agreed: what was decided by when something came, not by a rule.
  unsigned differed_before = 0;
};

// What runs of the script mean. Null: that executor was not asked.
// Where the script itself leaves room (a list of results, a loop with bounds), the two may part within it; from there
// on each is measured against the script's expectations alone.
ScriptFinding find(const Script& script, const ScriptRun* model, const ScriptRun* kernel);

}  // namespace netlimits::analysis
