// The comparison of one script, the proof that it differs each time, and the shrinking: steps, settings, options.
#include "fuzz/script_fuzzer.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "fuzz/followed_run.hpp"

namespace netlimits::fuzz {
namespace {

// A busy machine can delay what loopback normally does within the call; a rule that is wrong differs every time.
bool differs_steadily(const Script& script, const FuzzEngines& engines) {
  constexpr int repetitions = 5;
  for (int i = 0; i < repetitions; ++i) {
    if (!compare(script, engines).difference) return false;
  }
  return true;
}

void drop_steps(Script& best, const std::function<bool(const Script&)>& still_differs) {
  for (std::size_t chunk = std::max<std::size_t>(1, best.steps.size() / 2); chunk > 0; chunk /= 2) {
    for (std::size_t end = best.steps.size(); end > 0;) {
      const std::size_t begin = end > chunk ? end - chunk : 0;
      Script shorter = best;
      shorter.steps.erase(shorter.steps.begin() + static_cast<std::ptrdiff_t>(begin),
                          shorter.steps.begin() + static_cast<std::ptrdiff_t>(end));
      if (!shorter.steps.empty() && still_differs(shorter)) best = std::move(shorter);
      end = std::min(begin, best.steps.size());
    }
  }
}

void drop_settings(Script& best, const std::function<bool(const Script&)>& still_differs) {
  for (auto& [name, host] : Script(best).hosts) {
    for (const auto& [setting, value] : host.sysctl) {
      Script simpler = best;
      simpler.hosts.at(name).sysctl.erase(setting);
      if (still_differs(simpler)) best = std::move(simpler);
    }
    for (const auto& [process, limits] : host.processes) {
      Script simpler = best;
      simpler.hosts.at(name).processes.at(process) = {};
      if (still_differs(simpler)) best = std::move(simpler);
    }
  }
}

// So that the script says by itself what the kernel does. A random script has no loops: one result a step.
void expect_what_came(Script& script, const ScriptRun& kernel) {
  const std::size_t count = std::min(script.steps.size(), kernel.steps.size());
  for (std::size_t at = 0; at < count; ++at)
    if (kernel.steps[at].result != "ok") script.steps[at].returns = {kernel.steps[at].result};
}

}  // namespace

ComparedRuns compare(const Script& script, const FuzzEngines& engines) {
  ComparedRuns comparison;
  comparison.kernel = engines.kernel(script);
  if (!comparison.kernel.not_run.empty()) return comparison;
  FollowedRun followed = follow(
      comparison.kernel,
      [&](const std::shared_ptr<GroupDraws>& draws) { return engines.model(script, comparison.kernel, draws); },
      engines.difference);
  comparison.model = std::move(followed.model);
  if (!comparison.model.not_run.empty()) return comparison;
  comparison.ran = true;
  comparison.difference = followed.difference;
  return comparison;
}

void count(const ComparedRuns& comparison, FuzzResult& result) {
  for (std::size_t rule = 0; rule < most_rules; ++rule)
    if (comparison.model.rules.has(static_cast<Rule>(rule))) ++result.rules[rule];
  for (const StepResult& step : comparison.kernel.steps) ++result.results[step.result];
  result.calls += comparison.kernel.steps.size();
}

std::optional<Disagreement> settle(const Script& script, const FuzzEngines& engines) {
  if (!differs_steadily(script, engines)) return std::nullopt;
  Disagreement found;
  found.script = shrink(script, [&](const Script& candidate) { return differs_steadily(candidate, engines); });
  const ComparedRuns minimal = compare(found.script, engines);
  if (!minimal.difference) return std::nullopt;
  found.step = *minimal.difference;
  const auto result_at = [&](const ScriptRun& run) {
    return found.step < run.steps.size() ? run.steps[found.step].result : std::string("(ended)");
  };
  found.kernel = result_at(minimal.kernel);
  found.model = result_at(minimal.model);
  if (found.step < minimal.model.steps.size()) found.rule = minimal.model.steps[found.step].rule;
  expect_what_came(found.script, minimal.kernel);
  return found;
}

Script shrink(const Script& script, const std::function<bool(const Script&)>& still_differs) {
  Script best = script;
  for (;;) {
    const std::size_t before = best.steps.size();
    drop_steps(best, still_differs);
    if (best.steps.size() == before) break;
  }
  drop_settings(best, still_differs);
  return best;
}

}  // namespace netlimits::fuzz
