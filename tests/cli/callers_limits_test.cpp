// The program under small resource limits: it works, or a sentence names the limit.
#include <sys/stat.h>

#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/cli/program_run.hpp"
#include "tests/cli/shell.hpp"

namespace netlimits::tests {
namespace {

namespace fs = std::filesystem;

// `limit` is what the shell's ulimit takes. The output goes through a pipe, which no limit of files is about.
Said under(const Workplace& workplace, const std::string& limit, const std::string& arguments) {
  // A redirection behind the limit would need a descriptor of the shell; and whoever started this test may have left
  // one open, which the loader needs where there are four.
  const std::string command = "exec 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-; cd '" + workplace.scratch().string() +
                              "' && ulimit " + limit + " && exec '" + workplace.program().string() + "' " + arguments;
  return said_by(command);
}

bool has(const std::string& text, const std::string& words) { return text.find(words) != std::string::npos; }

// Every command, with what it needs.
std::vector<std::string> commands(const Workplace& workplace) {
  const std::string scenario = workplace.copy_of("scenarios/outbound-exhaustion-small.json").string();
  const std::string scripts = workplace.copy_of("tests/scripts/descriptors.json").string();
  const std::string collected = std::string(NETLIMITS_SOURCE_DIR) + "/tests/scenarios/collected/web-server";
  return {"run " + scenario,
          "capacity " + scenario,
          "validate " + scenario,
          "script --model --jobs 2 " + scripts,
          "script --both --jobs 2 " + scripts,
          "probe",
          "probe --from " + collected,
          "profiles",
          "schema",
          "fuzz --cases 3",
          "fuzz --scenarios --cases 3",
          "--help"};
}

}  // namespace

TEST_CASE("with four descriptors every command works or names the limit") {
  const Workplace workplace;
  for (const std::string& command : commands(workplace)) {
    CAPTURE(command);
    const Said said = under(workplace, "-n 4", command);
    CHECK(said.code == 0);  // a kernel that could not be asked is no failure
    const bool asks_kernel =
        command.starts_with("validate") || command.starts_with("script --both") || command.starts_with("fuzz --cases");
    if (asks_kernel) CHECK(has(said.text, "RLIMIT_NOFILE"));
    CHECK_FALSE(has(said.text, "agree on all"));
  }
}

TEST_CASE("files that may not grow end no command, and one that is asked for is refused with the limit") {
  const Workplace workplace;
  for (const std::string& command : commands(workplace)) {
    CAPTURE(command);
    CHECK(under(workplace, "-f 0", command).code == 0);
  }
  const Said said = under(workplace, "-f 0", "schema --output schema.json");
  CHECK(said.code == 2);
  CHECK(has(said.text, "File too large (RLIMIT_FSIZE is 0: ulimit -f)"));
  CHECK(fs::is_empty(workplace.scratch()));
}

TEST_CASE("a small stack grows as far as it may, and one that may not is refused with the limit") {
  const Workplace workplace;
  for (const std::string& command : commands(workplace)) {
    CAPTURE(command);
    CHECK(under(workplace, "-Ss 64", command).code == 0);
    const Said said = under(workplace, "-s 64", command);
    CHECK(said.code == 2);
    CHECK(said.text == "netlimits: the stack may have 65536 bytes and needs 262144 (RLIMIT_STACK: ulimit -Hs)\n");
  }
}

TEST_CASE("too little memory is no defect of the program") {
  if (NETLIMITS_SLOWER > 1) {
    WARN("not run: a sanitizer reserves more address space than any limit leaves that the program would notice");
    return;
  }
  const Workplace workplace;
  const std::string scenario = workplace
                                   .file("big.json", R"({"netlimits": 1, "name": "big",
      "hosts": {"client": {"count": 200, "addresses": [{"first": "10.0.0.5", "count": 200}],
                           "processes": {"app": {"nofile": 100000}}},
                "server": {"addresses": ["10.1.0.9"], "settings": {"fs.nr_open": 10000000},
                           "processes": {"web": {"nofile": 10000000, "listeners": [{"endpoint": "0.0.0.0:443"}]}}}},
      "workloads": {"load": {"from": "client/app", "to": ["10.1.0.9:443"], "connections": 1000000}}})")
                                   .string();
  const Said said = under(workplace, "-v 60000", "run " + scenario);
  CHECK(said.code == 2);
  CHECK(has(said.text, "there is not enough memory (RLIMIT_AS is 61440000: ulimit -v)"));
}

TEST_CASE("a FIFO in a directory of scripts is passed over, for to open one waits for a writer") {
  const Workplace workplace;
  const fs::path directory = workplace.scratch() / "scripts";
  fs::create_directory(directory);
  fs::copy_file(workplace.copy_of("tests/scripts/descriptors.json"), directory / "descriptors.json");
  REQUIRE(::mkfifo((directory / "wait.json").c_str(), 0600) == 0);
  ProgramRun run(workplace, {"script", "--model", directory.string()}, "fifo");
  CHECK(run.wait(std::chrono::seconds(60)) == 0);
}

}  // namespace netlimits::tests
