// Small inputs that once crashed the program, took the machine's memory or its time, or steered whoever read the
// output: what each command says of each, with how much.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/cli/shell.hpp"
#include "tests/hostile_strings.hpp"

namespace netlimits::cases {
namespace {

using tests::Said;
namespace fs = std::filesystem;

const fs::path folder = fs::path(NETLIMITS_SOURCE_DIR) / "tests/cases/hostile";

// Sanitizers reserve far more than they use, and take their time.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define NETLIMITS_SANITIZED
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define NETLIMITS_SANITIZED
#endif
#ifdef NETLIMITS_SANITIZED
constexpr const char* within_500_megabytes = "";
constexpr double most_seconds = 60;
#else
constexpr const char* within_500_megabytes = "ulimit -v 500000; ";
constexpr double most_seconds = 2;
#endif

double seconds_of_children() {
  struct rusage usage {};
  REQUIRE(::getrusage(RUSAGE_CHILDREN, &usage) == 0);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// With what it says on standard error, unless that is not asked for.
Said said(const std::string& arguments, const char* errors = "2>&1") {
  const double before = seconds_of_children();
  Said said = tests::said_by(fmt::format("{}'{}' {} {}", within_500_megabytes, NETLIMITS_PROGRAM, arguments, errors));
  CHECK(seconds_of_children() - before < most_seconds);
  return said;
}

std::string input(const std::string& name) { return fmt::format("'{}'", (folder / (name + ".json")).string()); }

struct Told {
  const char* input;
  const char* command;
  int code;
  std::vector<const char*> says{};
};

const std::vector<Told>& all_told() {
  static const std::vector<Told> rows{
      {"script-sysctl-template-crash",
       "script --model",
       2,
       {R"(.json:2:85: /scripts/0/hosts/a/sysctl/{i}: "{i}" is no setting that the model of linux knows)"}},
      {"window-before-late-start", "run", 2, {"at least 3600000001, and a result has at most 500000", "7201 times"}},
      {"window-before-late-start", "capacity", 0, {"holds 1 connection; nothing breaks"}},
      {"window-before-late-start", "validate", 2, {"and a result has at most 500000"}},
      {"window-1us-1h", "run", 2, {"at least 999000001, and a result has at most 500000", R"(shorter "duration")"}},
      {"window-1us-1h", "capacity", 0, {"holds 1 connection; nothing breaks"}},
      {"window-1us-1h", "validate --full", 2, {"at least 999000001"}},
      {"server-hosts10m", "run", 0, {"holds 0 connections", "no_route", "ENETUNREACH"}},
      {"server-hosts10m", "capacity", 0, {"holds 0 connections", "no_route", "ENETUNREACH"}},
      {"server-hosts10m", R"(run --set '/hosts/client/addresses=["2001:db8:1::5"]')", 0, {"holds 10 connections"}},
      {"inst1m", "run", 2, {R"(1000000 sockets of one host would share a port by "reuse_port")", "at most 65535"}},
      {"inst1m", "validate", 2, {"1000000 sockets of one host"}},
      {"inst1m", "capacity", 0, {"holds 96 to 1,000 connections"}},
      // The second connection is the one that stays.
      {"reconnect-forever", "run", 0, {"holds 1 connection, 1 lost"}},
      {"reconnect-forever", "capacity", 0, {"holds 1 connection"}},
      // A SYN+ACK that is not sent again makes it lose its connection for ever.
      {"reconnect-forever",
       "run --set /hosts/server/settings/net.ipv4.tcp_synack_retries=0",
       2,
       {"and nothing says that this will end", R"("duration")"}},
      {"validate-hold-overflow", "run", 0, {"holds 20 connections; nothing breaks"}},
      {"validate-hold-overflow", "capacity", 0, {"holds 1 to 20 connections; nothing breaks"}},
      // Of its twin only the beginning runs, which takes a kernel a minute: tests/model/twin_test.cpp. On Windows it is
      // predicted, and none is asked.
      {"validate-hold-overflow", "validate --set /hosts/client/profile=windows", 0, {"the kernel could not be asked"}},
      {"text-ansi", "run", 2, {"/expect/1/equals: expected a whole number, or null"}},
      {"text-newline-workflow-command", "run", 2, {"/expect/1/equals: expected a whole number, or null"}},
      {"junit-nonchar", "run --format junit", 2, {"/expect/1/equals: expected a whole number, or null"}},
      {"key-escape", "run", 2, {"/hosts/c?[31m ::error::x:", "is no name for a host"}},
      {"key-escape", "capacity", 2, {"is no name for a host"}},
      {"key-escape", "validate", 2, {"is no name for a host"}},
  };
  return rows;
}

}  // namespace

TEST_CASE("what once broke the program or the machine gets an answer, or a sentence that says why not, at once") {
  for (const Told& row : all_told()) {
    CAPTURE(row.input, row.command);
    const Said answer = said(fmt::format("{} {}", row.command, input(row.input)));
    CAPTURE(answer.text);
    CHECK(answer.code == row.code);
    for (const char* words : row.says) CHECK(answer.text.find(words) != std::string::npos);
    CHECK(tests::steering(answer.text).empty());
  }
}

TEST_CASE("there is no hostile input that nothing is said of") {
  std::set<std::string> told;
  for (const Told& row : all_told()) told.insert(row.input);
  for (const auto& entry : fs::directory_iterator(folder)) {
    CAPTURE(entry.path());
    CHECK(told.contains(entry.path().stem().string()));
  }
}

TEST_CASE("a name that steers is plain in every form once the claims that are wrong are left out") {
  for (const char* name : {"text-ansi", "text-newline-workflow-command", "junit-nonchar"}) {
    std::ifstream file(folder / (std::string(name) + ".json"));
    auto scenario = nlohmann::json::parse(std::string(std::istreambuf_iterator<char>(file), {}));
    auto& claims = scenario.at("expect");
    claims = nlohmann::json::array({claims.at(0), claims.at(3)});  // one is broken, one holds
    std::string path = (fs::temp_directory_path() / "netlimits-hostile-XXXXXX").string();
    const int made = ::mkstemp(path.data());
    REQUIRE(made >= 0);
    ::close(made);
    std::ofstream(path) << scenario.dump();
    for (const char* format : {"text", "json", "junit", "tap", "markdown", "html"}) {
      CAPTURE(name, format);
      const Said answer = said(fmt::format("run {} --format {}", path, format), "2>/dev/null");
      CHECK(answer.code == 1);
      CHECK(tests::steering(answer.text).empty());
      if (format == std::string("junit")) {
        pugi::xml_document document;
        CHECK(document.load_string(answer.text.c_str()));
      }
    }
    fs::remove(path);
  }
}

TEST_CASE("a row of ss that names no connection is refused with its place") {
  const fs::path collected = fs::path(NETLIMITS_SOURCE_DIR) / "tests/cases/probe/probe-refused-0";
  const Said answer = said(fmt::format("probe --from '{}'", collected.string()));
  CHECK(answer.code == 2);
  CHECK(answer.text.find("ss:29:22: expected both ends of a connection, found \"0.0.0.0:0\"") != std::string::npos);
}

}  // namespace netlimits::cases
