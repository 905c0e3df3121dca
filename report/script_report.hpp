// What came of socket scripts, for people and for machines.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analysis/comparison/script_comparison.hpp"
#include "report/forms/text_style.hpp"
#include "report/kernel_basis.hpp"

namespace netlimits::report {

struct ScriptReport {
  std::string file{};  // as the user named it
  std::string name{};
  analysis::ScriptFinding finding{};
  bool left_out = false;  // the kernel was not asked because the user said so (--skip-slow)
  // The script itself is wrong and was not run: one line an error, with file, line, column and pointer. Empty: it is
  // not.
  std::string refused{};
};

// Which executors were asked; "both" compares.
enum class ScriptEngines { model, kernel, both };

// One line a script, and under it the step that differs: what was expected, what each executor said, and the rule.
std::string script_text(std::span<const ScriptReport> reports, ScriptEngines engines, const TextStyle& style);
// "netlimits.script/1": sorted keys, no time, no machine's path beside the names that the user gave.
std::string script_json(std::span<const ScriptReport> reports, ScriptEngines engines, const KernelBasis& basis = {});
// One test point a script, "ok N - NAME". Skipped is one that an executor that was asked did not run, unless it fails
// all the same; a script that is wrong has failed.
std::string script_junit(std::span<const ScriptReport> reports);
std::string script_tap(std::span<const ScriptReport> reports);
std::string script_github(std::span<const ScriptReport> reports);
std::string script_markdown(std::span<const ScriptReport> reports);
std::string script_html(std::span<const ScriptReport> reports);

}  // namespace netlimits::report
