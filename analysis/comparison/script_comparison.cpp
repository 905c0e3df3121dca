// Two runs step by step, with what loops and alternative results allow; then the verdict and the words for it.
#include "analysis/comparison/script_comparison.hpp"

#include <algorithm>
#include <vector>

#include "model/script/step_words.hpp"

namespace netlimits::analysis {
namespace {

bool alike(const StepResult& a, const StepResult& b) {
  if (a.number != b.number || a.result != b.result || a.found != b.found) return false;
  return !a.port || !b.port || *a.port == *b.port;
}

// What the script's steps allow, by the number of the step.
struct Allowance {
  const Step* step = nullptr;
  std::size_t ends_with = 0;  // the number of the outermost loop around it, or its own
  bool several = false;       // more than one result will do
  bool in_loop = false;
  bool ends_in_several = false;  // a loop around it may end with one of several errors
};

void collect(const std::vector<Step>& steps, std::vector<Allowance>& allowances, const Allowance* outer) {
  for (const Step& step : steps) {
    Allowance own;
    own.step = &step;
    own.ends_with = allowances.size();
    own.several = step.returns.size() > 1 || (step.succeeds && step.succeeds->first != step.succeeds->second) ||
                  step.stops_with.size() > 1;
    if (outer != nullptr) own.ends_with = outer->ends_with;
    if (outer != nullptr) own.several = own.several || outer->several;
    own.in_loop = outer != nullptr;
    own.ends_in_several = step.stops_with.size() > 1 || (outer != nullptr && outer->ends_in_several);
    allowances.push_back(own);
    collect(step.body, allowances, &own);
  }
}

std::vector<Allowance> allowances_of(const Script& script) {
  std::vector<Allowance> allowances;
  collect(script.steps, allowances, nullptr);
  return allowances;
}

std::string call_text(const Step& step) {
  std::string text(name_of(step.call));
  for (const std::string& part : {step.socket, step.as, step.process, step.option, step.address, step.port,
                                  step.sockets, step.sysctl_name, step.sysctl_value})
    if (!part.empty()) text.append(" ").append(part);
  return text;
}

bool completes(const StepResult& result, std::size_t number) { return result.number == number; }

std::string said(const StepResult& step) {
  std::string words = step.result;
  if (!step.found.empty() && step.result == "ok") words += " (" + step.found + ")";
  if (step.port && step.found.empty() && step.result != "pending")
    words += " (port " + std::to_string(*step.port) + ")";
  return words;
}

const StepResult* unexpected(const ScriptRun& run) {
  const auto found =
      std::find_if(run.steps.begin(), run.steps.end(), [](const StepResult& s) { return !s.as_expected; });
  return found == run.steps.end() ? nullptr : &*found;
}

// What a pass through a loop may differ in: whether its step gave what the body wants, and so ended it. Nothing else
// is left open by a loop's bounds: not what the step gave where both went on, nor the error where both ended, unless
// the loop names several.
bool loop_leaves_open(const Allowance& allowed, const StepResult& ours, const StepResult& theirs) {
  const Step& step = *allowed.step;
  if (!allowed.in_loop || step.call == Call::repeat) return true;
  const bool we_go_on = among(ours.result, step.returns);
  const bool they_go_on = among(theirs.result, step.returns);
  if (we_go_on != they_go_on) return true;
  return ours.result != theirs.result && (we_go_on || allowed.ends_in_several);
}

// Once the runs went apart: do both go on, or do both not?
bool allowed_apart(const Allowance& allowed, const StepResult& ours, const StepResult& theirs) {
  const Step& step = *allowed.step;
  if (!allowed.in_loop || step.call == Call::repeat) return true;
  return among(ours.result, step.returns) == among(theirs.result, step.returns);
}

// The first place where the runs part in a way that the script does not allow.
struct Parting {
  const StepResult* model = nullptr;
  const StepResult* kernel = nullptr;
};

std::optional<Parting> parting(const std::vector<Allowance>& allowances, const ScriptRun& model,
                               const ScriptRun& kernel) {
  std::size_t m = 0;
  std::size_t k = 0;
  bool went_apart = false;
  while (m < model.steps.size() && k < kernel.steps.size()) {
    const StepResult& ours = model.steps[m];
    const StepResult& theirs = kernel.steps[k];
    const bool same_step = ours.number == theirs.number;
    const bool both_fine = ours.as_expected && theirs.as_expected;
    const Allowance& allowed = allowances.at(std::min(ours.number, theirs.number));
    const bool within = went_apart && both_fine && allowed_apart(allowed, ours, theirs);
    if (same_step && (alike(ours, theirs) || within)) {
      ++m;
      ++k;
      continue;
    }
    if (!(allowed.several && both_fine)) return Parting{&ours, &theirs};
    if (same_step && !loop_leaves_open(allowed, ours, theirs)) return Parting{&ours, &theirs};
    // Go on behind the loop, or behind the step if it is in none.
    const auto behind = [&](const ScriptRun& run, std::size_t at) {
      while (at < run.steps.size() && !completes(run.steps[at], allowed.ends_with)) ++at;
      return at;
    };
    m = behind(model, m);
    k = behind(kernel, k);
    if (m >= model.steps.size() || k >= kernel.steps.size()) break;
    if (!model.steps[m].as_expected || !kernel.steps[k].as_expected) {
      if (model.steps[m].as_expected != kernel.steps[k].as_expected) return Parting{&model.steps[m], &kernel.steps[k]};
      break;
    }
    went_apart = true;
    ++m;
    ++k;
  }
  if (m < model.steps.size() || k < kernel.steps.size()) {
    if (model.passed == kernel.passed) return std::nullopt;
    return Parting{m < model.steps.size() ? &model.steps[m] : nullptr,
                   k < kernel.steps.size() ? &kernel.steps[k] : nullptr};
  }
  return std::nullopt;
}

void describe(ScriptFinding& finding, const std::vector<Allowance>& steps, const Parting& at) {
  const StepResult& one = at.model != nullptr ? *at.model : *at.kernel;
  finding.pointer = one.pointer;
  if (one.number < steps.size()) finding.call = call_text(*steps[one.number].step);
  if (at.model != nullptr) {
    finding.model = said(*at.model);
    finding.rule = at.model->rule;
    finding.expected = at.model->expected;
  }
  if (at.kernel != nullptr) {
    finding.kernel = said(*at.kernel);
    if (finding.expected.empty()) finding.expected = at.kernel->expected;
  }
}

}  // namespace

std::optional<std::size_t> first_difference(const ScriptRun& kernel, const ScriptRun& model) {
  const std::size_t common = std::min(kernel.steps.size(), model.steps.size());
  for (std::size_t at = 0; at < common; ++at)
    if (!alike(kernel.steps[at], model.steps[at])) return at;
  if (kernel.steps.size() != model.steps.size()) return common;
  return std::nullopt;
}

ScriptFinding find(const Script& script, const ScriptRun* model, const ScriptRun* kernel) {
  ScriptFinding finding;
  if (model != nullptr) finding.model_not_run = model->not_run;
  if (kernel != nullptr) finding.kernel_not_run = kernel->not_run;
  const ScriptRun* const ours = model != nullptr && model->not_run.empty() ? model : nullptr;
  const ScriptRun* const theirs = kernel != nullptr && kernel->not_run.empty() ? kernel : nullptr;
  if (ours == nullptr && theirs == nullptr) {
    finding.verdict = ScriptVerdict::not_run;
    return finding;
  }
  const std::vector<Allowance> steps = allowances_of(script);
  if (ours != nullptr && theirs != nullptr) {
    if (const auto at = parting(steps, *ours, *theirs)) {
      finding.verdict = ScriptVerdict::disagree;
      describe(finding, steps, *at);
      return finding;
    }
  }
  const StepResult* const our_wrong = ours != nullptr ? unexpected(*ours) : nullptr;
  const StepResult* const their_wrong = theirs != nullptr ? unexpected(*theirs) : nullptr;
  if (our_wrong == nullptr && their_wrong == nullptr) return finding;
  finding.verdict = ScriptVerdict::fails;
  describe(finding, steps, {our_wrong, their_wrong});
  return finding;
}

}  // namespace netlimits::analysis
