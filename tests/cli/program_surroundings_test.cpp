// What a program of the user's finds around it: `validate --program`.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/cli/program_run.hpp"

namespace netlimits::tests {
namespace {

namespace fs = std::filesystem;

struct Said {
  int code = -1;
  std::string output;
  std::string errors;
};

// A program that prints and ends: what it printed is in the reason why the kernel could not be asked.
Said said_by(const Workplace& workplace, const std::string& command, std::vector<std::string> options = {}) {
  const std::string scenario = workplace
                                   .file("one.json", R"({"netlimits": 1, "name": "one",
      "hosts": {"client": {"addresses": ["10.0.0.5"], "processes": {"app": {}}},
                "server": {"addresses": ["10.1.0.9"],
                           "processes": {"web": {"nofile": 64, "listeners": [{"endpoint": "0.0.0.0:8080"}]}}}},
      "workloads": {"load": {"from": "client/app", "to": ["10.1.0.9:8080"], "connections": 1}}})")
                                   .string();
  std::vector<std::string> arguments{"validate", scenario, "--program", "server/web=" + command + "; exit 3"};
  arguments.insert(arguments.end(), options.begin(), options.end());
  ProgramRun run(workplace, arguments, "a secret of the caller");
  const auto code = run.wait(std::chrono::seconds(60));
  REQUIRE(code);
  return {*code, run.output(), run.errors()};
}

bool has(const std::string& text, const std::string& words) { return text.find(words) != std::string::npos; }

// Says so for ctest where there is no sandbox.
bool ran(const Said& said) {
  if (has(said.output, "ended with code 3")) return true;
  WARN(said.output);
  return false;
}

}  // namespace

TEST_CASE("a program finds no variable of the caller's but those that are named") {
  const Workplace workplace;
  ::setenv("NETLIMITS_TEST_NAMED", "as it is here", 1);
  const Said bare = said_by(workplace, "env");
  if (!ran(bare)) return;
  CHECK_FALSE(has(bare.output, "a secret of the caller"));
  CHECK_FALSE(has(bare.output, "NETLIMITS_TEST_NAMED"));
  for (const char* variable : {"HOME=/run ", "TMPDIR=/run ", "PWD=/run ", "PATH=/usr/local/sbin:"})
    CHECK(has(bare.output, variable));
  const Said named =
      said_by(workplace, "env", {"--env", "NETLIMITS_TEST_NAMED", "--env", "OTHER=a = b", "--env", "PATH=/bin"});
  CHECK(has(named.output, "NETLIMITS_TEST_NAMED=as it is here "));
  CHECK(has(named.output, "OTHER=a = b "));
  CHECK(has(named.output, "PATH=/bin "));
}

TEST_CASE("a variable that is not there, or has no name, is wrong usage") {
  const Workplace workplace;
  ::unsetenv("NETLIMITS_TEST_NOWHERE");
  const Said missing = said_by(workplace, "env", {"--env", "NETLIMITS_TEST_NOWHERE"});
  CHECK(missing.code == 2);
  CHECK(missing.output.empty());
  CHECK(has(missing.errors, "there is no variable NETLIMITS_TEST_NOWHERE here"));
  CHECK(said_by(workplace, "env", {"--env", "=value"}).code == 2);
}

TEST_CASE("a program reads the file system and writes only to memory of its own, unless it is let") {
  const Workplace workplace;
  const fs::path target = workplace.scratch() / "written";
  const std::string write = "echo x > " + target.string() +
                            " && echo outside; echo x > here && echo inside; "
                            "echo x > /dev/shm/x && echo shared; echo x > /dev/null && echo device; echo";
  const Said kept = said_by(workplace, write);
  if (!ran(kept)) return;
  CHECK(has(kept.output, "Read-only file system"));
  CHECK(has(kept.output, " inside shared device "));
  CHECK_FALSE(fs::exists(target));
  const Said let = said_by(workplace, write, {"--program-writes"});
  CHECK(has(let.output, "outside inside shared device "));
  CHECK(fs::exists(target));
  CHECK_FALSE(fs::exists("/dev/shm/x"));
}

TEST_CASE("a program has ipc, uts and mount namespaces of its own") {
  const Workplace workplace;
  const Said said = said_by(workplace, "for n in ipc uts mnt; do readlink /proc/self/ns/$n; done");
  if (!ran(said)) return;
  for (const char* name : {"ipc", "uts", "mnt"}) {
    const std::string ours = fs::read_symlink(std::string("/proc/self/ns/") + name).string();
    CHECK(has(said.output, std::string(name) + ":["));
    CHECK_FALSE(has(said.output, ours));
  }
}

}  // namespace netlimits::tests
