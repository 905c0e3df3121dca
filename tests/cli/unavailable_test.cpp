// Where the kernel cannot be asked, the program says so and why, and guesses nothing.
#include <chrono>
#include <string>
#include <vector>

#include "live/sandbox/sandbox.hpp"
#include "tests/catch.hpp"
#include "tests/cli/program_run.hpp"

namespace netlimits::tests {
namespace {

struct Ended {
  int code = -1;
  std::string output;
  std::string errors;
};

Ended run(const Workplace& workplace, const std::vector<std::string>& arguments, Deprived deprived) {
  // An ordinary user, so that what is made inside is that user's too.
  ProgramRun program(workplace, arguments, "unavailable", User::ordinary, deprived);
  const auto code = program.wait(std::chrono::seconds(120));
  return {code.value_or(-1), program.output(), program.errors()};
}

bool has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// These tests make user namespaces themselves, to take something away inside.
bool possible() {
  const auto trouble = live::why_no_sandbox();
  if (trouble) WARN("not run: " << trouble->why);
  return !trouble;
}

}  // namespace

TEST_CASE("a kernel that forbids user namespaces is named as the reason") {
  if (!possible()) return;
  const Workplace workplace;
  const std::string scenario = workplace.copy_of("scenarios/outbound-exhaustion-small.json");
  const std::string script = workplace.copy_of("tests/scripts/listen.json");
  const std::string why = "no further user namespace is allowed (sysctl user.max_user_namespaces)";

  const Ended text = run(workplace, {"validate", scenario}, Deprived::of_user_namespaces);
  CHECK(text.code == 0);
  CHECK(has(text.output, "the kernel could not be asked: " + why));

  const Ended json = run(workplace, {"validate", scenario, "--format", "json"}, Deprived::of_user_namespaces);
  CHECK(json.code == 0);
  CHECK(has(json.output, R"("verdict": "not_determined")"));
  CHECK(has(json.output, R"("checks": [])"));
  CHECK(has(json.output, why));

  CHECK(run(workplace, {"validate", scenario, "--require-kernel"}, Deprived::of_user_namespaces).code == 4);
  CHECK(run(workplace, {"script", "--kernel", script, "--require-kernel"}, Deprived::of_user_namespaces).code == 4);
  const Ended fuzz = run(workplace, {"fuzz", "--cases", "10", "--require-kernel"}, Deprived::of_user_namespaces);
  CHECK(fuzz.code == 4);
  CHECK(has(fuzz.errors, why));
}

TEST_CASE("without nft a balancer is not determined, and all else is") {
  if (!possible()) return;
  const Workplace workplace;
  const std::string balancer = workplace.copy_of("scenarios/balancer-round-robin-small.json");
  const std::string plain = workplace.copy_of("scenarios/four-tuple-small.json");
  const Ended without = run(workplace, {"validate", balancer}, Deprived::of_nft);
  CHECK(without.code == 0);
  CHECK(has(without.output, "a balancer needs the program nft, which is not installed"));
  CHECK(run(workplace, {"validate", balancer, "--require-kernel"}, Deprived::of_nft).code == 4);
  const Ended other = run(workplace, {"validate", plain, "--require-kernel"}, Deprived::of_nft);
  CHECK(other.code == 0);
  CHECK(has(other.output, "agrees with Linux"));
}

TEST_CASE("root of a container without further users has a sandbox all the same") {
  if (!possible()) return;
  const Workplace workplace;
  const std::string scenario = workplace.copy_of("scenarios/four-tuple-small.json");
  const Ended ended = run(workplace, {"validate", scenario, "--require-kernel"}, Deprived::of_other_users);
  CHECK(ended.code == 0);
  CHECK(has(ended.output, "agrees with Linux"));
}

TEST_CASE("what a whole machine has in common is not determined, in an event too") {
  if (!possible()) return;
  const Workplace workplace;
  const std::string scenario = workplace.copy_of("scenarios/outbound-exhaustion-small.json");
  const std::string limit = "/hosts/client/settings/fs.file-max=100000";
  const std::string event = R"(/events=[{"at":"1s","set":{"host":"client","setting":"fs.file-max","value":"100000"}}])";
  for (const std::string& change : {limit, event}) {
    const Ended ended = run(workplace, {"validate", scenario, "--require-kernel", "--set", change}, Deprived::nothing);
    CHECK(ended.code == 4);
    CHECK(has(ended.output, "fs.file-max is one value for the whole machine and is not changed"));
  }
}

TEST_CASE("a script that this kernel cannot run is skipped in a harness, and asked for in vain") {
  if (!possible()) return;
  const Workplace workplace;
  const std::string script = workplace
                                 .file("windows.json", R"({"format": 1, "scripts": [
    {"name": "other", "hosts": {"a": {"os": "windows"}}, "steps": [{"call": "socket", "as": "s"}]},
    {"name": "here", "hosts": {"a": {}}, "steps": [{"call": "socket", "as": "s"}]}]})")
                                 .string();
  const std::string why = "not on the kernel: host a is windows, this kernel is Linux";
  const Ended plain = run(workplace, {"script", "--both", script, "--format", "tap"}, Deprived::nothing);
  CHECK(plain.code == 0);
  CHECK(has(plain.output, "ok 1 - other # SKIP " + why));
  CHECK(has(plain.output, "ok 2 - here\n"));
  const Ended junit =
      run(workplace, {"script", "--both", script, "--format", "junit", "--require-kernel"}, Deprived::nothing);
  CHECK(junit.code == 4);
  CHECK(has(junit.output, "<skipped message=\"" + why));
  CHECK(has(junit.errors, "netlimits script: other: " + why));
}

TEST_CASE("a script with an unknown option is refused, and the others of its file are run") {
  if (!possible()) return;
  const Workplace workplace;
  const std::string script = workplace
                                 .file("mixed.json", R"({"format": 1, "scripts": [
    {"name": "wrong", "hosts": {"a": {}}, "steps": [{"call": "socket", "as": "s"},
      {"call": "getsockopt", "socket": "s", "option": "TCP_NOTHING"}]},
    {"name": "here", "hosts": {"a": {}}, "steps": [{"call": "socket", "as": "s"}]}]})")
                                 .string();
  const Ended ended = run(workplace, {"script", "--both", script, "--format", "json"}, Deprived::nothing);
  CHECK(ended.code == 2);
  CHECK(has(ended.errors, "mixed.json:3:55: /scripts/0/steps/1/option: "));
  CHECK(has(ended.output, "\"refused\": 1"));
  CHECK(has(ended.output, "\"holds\": 1"));
  CHECK(has(ended.output, "\"profile\": \"linux"));
  CHECK_FALSE(has(ended.output, "\"kernel\": null"));
}

}  // namespace netlimits::tests
