// Runs written by hand: where they part, and the verdict on the script.
#include "analysis/comparison/script_comparison.hpp"

#include <string>
#include <utility>
#include <vector>

#include "tests/catch.hpp"

namespace netlimits::analysis {
namespace {

StepResult saw(std::uint32_t number, std::string result, bool as_expected = true) {
  StepResult step;
  step.number = number;
  step.result = std::move(result);
  step.as_expected = as_expected;
  if (!as_expected) step.expected = "ok";
  step.pointer = "/steps/" + std::to_string(number);
  return step;
}

ScriptRun run_of(std::vector<StepResult> steps) {
  ScriptRun run;
  for (const StepResult& step : steps) run.passed = run.passed && step.as_expected;
  run.steps = std::move(steps);
  return run;
}

Script script_of(std::size_t steps) {
  Script script;
  script.steps.resize(steps);
  return script;
}

TEST_CASE("equal runs agree, and the first difference is where a result, a value or a port differs") {
  const ScriptRun plain = run_of({saw(0, "ok"), saw(1, "ok")});
  CHECK_FALSE(first_difference(plain, plain).has_value());
  ScriptRun other = plain;
  other.steps[1].result = "EINVAL";
  CHECK(first_difference(plain, other) == 1);
  other = plain;
  other.steps[0].found = "5 bytes";
  CHECK(first_difference(plain, other) == 0);
  other = plain;
  other.steps[1].port = 40000;
  CHECK_FALSE(first_difference(plain, other).has_value());  // one of them does not know the port
  ScriptRun third = other;
  third.steps[1].port = 40001;
  CHECK(first_difference(other, third) == 1);
  other = plain;
  other.steps.pop_back();
  CHECK(first_difference(plain, other) == 1);
}

TEST_CASE("when both give the same unwanted result the script fails; when only one does they disagree") {
  const Script script = script_of(2);
  const ScriptRun good = run_of({saw(0, "ok"), saw(1, "ok")});
  const ScriptRun bad = run_of({saw(0, "ok"), saw(1, "EINVAL", false)});
  CHECK(find(script, &good, &good).verdict == ScriptVerdict::holds);
  const ScriptFinding same = find(script, &bad, &bad);
  CHECK(same.verdict == ScriptVerdict::fails);
  CHECK(same.pointer == "/steps/1");
  const ScriptFinding parted = find(script, &bad, &good);
  CHECK(parted.verdict == ScriptVerdict::disagree);
  CHECK(parted.model == "EINVAL");
  CHECK(parted.kernel == "ok");
  CHECK(parted.expected == "ok");
  CHECK(find(script, &bad, nullptr).verdict == ScriptVerdict::fails);
  CHECK(find(script, nullptr, &good).verdict == ScriptVerdict::holds);
}

TEST_CASE("an executor that could not run a script leaves the verdict to the other") {
  const Script script = script_of(1);
  const ScriptRun good = run_of({saw(0, "ok")});
  ScriptRun silent;
  silent.passed = false;
  silent.not_run = "no sandbox here";
  const ScriptFinding alone = find(script, &good, &silent);
  CHECK(alone.verdict == ScriptVerdict::holds);
  CHECK(alone.kernel_not_run == "no sandbox here");
  CHECK(find(script, nullptr, &silent).verdict == ScriptVerdict::not_run);
}

TEST_CASE("within the room that a script leaves, the two may part") {
  Script script = script_of(2);
  script.steps[0].returns = {"ok", "EADDRNOTAVAIL"};
  const ScriptRun one = run_of({saw(0, "ok"), saw(1, "ok")});
  const ScriptRun other = run_of({saw(0, "EADDRNOTAVAIL"), saw(1, "ok")});
  CHECK(find(script, &one, &other).verdict == ScriptVerdict::holds);
  CHECK(first_difference(one, other) == 0);
}

TEST_CASE("a loop with bounds may run for different lengths, and what comes behind it still counts") {
  Script script;
  Step loop;
  loop.call = Call::repeat;
  loop.count = 3;
  loop.succeeds = {1, 2};
  loop.body.resize(1);
  script.steps = {loop, Step{}};
  const ScriptRun shorter = run_of({saw(1, "ok"), saw(1, "EMFILE"), saw(0, "1, then EMFILE"), saw(2, "ok")});
  const ScriptRun longer =
      run_of({saw(1, "ok"), saw(1, "ok"), saw(1, "EMFILE"), saw(0, "2, then EMFILE"), saw(2, "ok")});
  CHECK(find(script, &shorter, &longer).verdict == ScriptVerdict::holds);
  ScriptRun wrong = longer;
  wrong.steps.back() = saw(2, "EINVAL", false);
  wrong.passed = false;
  const ScriptFinding finding = find(script, &wrong, &shorter);
  CHECK(finding.verdict == ScriptVerdict::disagree);
  CHECK(finding.pointer == "/steps/2");

  script.steps[0].succeeds = {2, 2};
  CHECK(find(script, &shorter, &longer).verdict == ScriptVerdict::disagree);
}

TEST_CASE("a loop's bounds leave open how often it runs, and not what a pass gives") {
  Script script;
  Step loop;
  loop.call = Call::repeat;
  loop.count = 3;
  loop.succeeds = {1, 3};
  loop.body.resize(2);
  loop.body[0].call = Call::connect;
  loop.body[1].call = Call::getsockname;
  script.steps = {loop, Step{}};
  const auto pass = [](const char* name) {
    StepResult told = saw(2, "ok");
    told.found = name;
    return told;
  };
  const ScriptRun kernel = run_of({saw(1, "ok"), pass("127.0.0.1:40000"), saw(1, "ok"), pass("127.0.0.1:40002"),
                                   saw(1, "EADDRNOTAVAIL"), saw(0, "2, then EADDRNOTAVAIL"), saw(3, "ok")});
  CHECK(find(script, &kernel, &kernel).verdict == ScriptVerdict::holds);

  ScriptRun other_name = kernel;
  other_name.steps[3] = pass("127.0.0.2:40002");
  const ScriptFinding named = find(script, &other_name, &kernel);
  CHECK(named.verdict == ScriptVerdict::disagree);
  CHECK(named.pointer == "/steps/2");
  CHECK(named.model == "ok (127.0.0.2:40002)");

  ScriptRun other_end = kernel;
  other_end.steps[4] = saw(1, "EMFILE");
  other_end.steps[5] = saw(0, "2, then EMFILE");
  const ScriptFinding ended = find(script, &other_end, &kernel);
  CHECK(ended.verdict == ScriptVerdict::disagree);
  CHECK(ended.pointer == "/steps/1");
  script.steps[0].stops_with = {"EMFILE", "EADDRNOTAVAIL"};
  CHECK(find(script, &other_end, &kernel).verdict == ScriptVerdict::holds);
}

TEST_CASE("where runs went apart, a pass that one of them cannot finish is still a difference") {
  Script script;
  Step open;
  open.returns = {"ok", "EAGAIN"};
  Step loop;
  loop.call = Call::repeat;
  loop.count = 2;
  loop.body.resize(1);
  script.steps = {open, loop};
  const ScriptRun kernel = run_of({saw(0, "EAGAIN"), saw(2, "ok"), saw(2, "ok"), saw(1, "2")});
  const ScriptRun whole = run_of({saw(0, "ok"), saw(2, "ok"), saw(2, "ok"), saw(1, "2")});
  CHECK(find(script, &whole, &kernel).verdict == ScriptVerdict::holds);
  const ScriptRun broken = run_of({saw(0, "ok"), saw(2, "ok"), saw(2, "EINVAL"), saw(1, "1, then EINVAL", false)});
  const ScriptFinding finding = find(script, &broken, &kernel);
  CHECK(finding.verdict == ScriptVerdict::disagree);
  CHECK(finding.pointer == "/steps/2");
}

}  // namespace
}  // namespace netlimits::analysis
