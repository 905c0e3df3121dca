// What only the program itself shows: its memory, its warnings, and what every form of its output rests on.
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "tests/catch.hpp"
#include "tests/cli/shell.hpp"

namespace netlimits::cases {
namespace {

using nlohmann::json;
using tests::Said;
using tests::said_by;
namespace fs = std::filesystem;

const std::string program = NETLIMITS_PROGRAM;

std::string case_named(const std::string& name) {
  return fmt::format("{}/tests/cases/scenarios/{}.json", NETLIMITS_SOURCE_DIR, name);
}

// Its exit code is another test's affair.
std::string printed(const std::string& arguments) {
  return said_by(fmt::format("{} {} 2>/dev/null", program, arguments)).text;
}

// A directory with one file, such as a profile, gone with the object.
class ProfileDirectory {
 public:
  explicit ProfileDirectory(const std::string& text) {
    std::string path = (fs::temp_directory_path() / "netlimits-profiles-XXXXXX").string();
    REQUIRE(::mkdtemp(path.data()) != nullptr);
    path_ = path;
    std::ofstream(path_ / "profile.json") << text;
  }
  ProfileDirectory(const ProfileDirectory&) = delete;
  ProfileDirectory& operator=(const ProfileDirectory&) = delete;
  ~ProfileDirectory() { fs::remove_all(path_); }

  std::string file() const { return (path_ / "profile.json").string(); }
  std::string option() const { return fmt::format("--profile-dir {}", path_.string()); }

 private:
  fs::path path_;
};

std::string profile_text(const std::string& name, const std::string& basis, const std::string& figures) {
  return fmt::format(R"({{"netlimits_profile": 1, "name": "{}", "title": "of a test", "based_on": "{}",
                         "figures": {{{}}}}})",
                     name, basis, figures);
}

std::string buckets(int count, const char* confidence) {
  return fmt::format(R"("max_time_wait_buckets": {{"value": {}, "source": "heard of", "confidence": "{}"}})", count,
                     confidence);
}

}  // namespace

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define NETLIMITS_MEMORY_OF_A_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define NETLIMITS_MEMORY_OF_A_SANITIZER
#endif

#ifndef NETLIMITS_MEMORY_OF_A_SANITIZER
TEST_CASE("hosts of a group that nothing happens to cost nothing") {
  const std::string input = case_named("many-hosts");
  for (const char* command : {"run", "capacity"}) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      if (std::freopen("/dev/null", "w", stdout) == nullptr) ::_exit(126);
      ::execl(program.c_str(), program.c_str(), command, input.c_str(), nullptr);
      ::_exit(127);
    }
    int status = 0;
    struct rusage usage {};
    REQUIRE(::wait4(child, &status, 0, &usage) == child);
    CAPTURE(command, usage.ru_maxrss);
    CHECK(status == 0);
    // KiB; until it is the program, the child has what this process has.
    struct rusage own {};
    REQUIRE(::getrusage(RUSAGE_SELF, &own) == 0);
    CHECK(usage.ru_maxrss <= std::max(20L * 1024, own.ru_maxrss));
  }
}
#endif

TEST_CASE("a part that nothing uses is warned of on standard error, and the answer stands") {
  const std::string idle = R"(--set '/hosts/idle={"addresses":["10.9.0.1"]}')";
  for (const char* command : {"run", "capacity"}) {
    const std::string arguments = fmt::format("{} {} {} {}", program, command, case_named("user-svc"), idle);
    const Said said = said_by(fmt::format("{} 2>&1 >/dev/null", arguments));
    CHECK(said.code == 0);
    CHECK(said.text.find("warning: --set /hosts/idle=") == 0);
    CHECK(said.text.find("/hosts/idle: nothing uses the host idle") != std::string::npos);
  }
  CHECK(said_by(fmt::format("{} run {} 2>&1 >/dev/null", program, case_named("user-svc"))).text.empty());
  const Said nowhere = said_by(
      fmt::format("{} run {} --set /expect/0/at=/workloads/load/paek_open 2>&1", program, case_named("user-svc")));
  CHECK(nowhere.code == 2);
  CHECK(nowhere.text.find("/expect/0/at: \"/workloads/load/paek_open\" points nowhere") != std::string::npos);
}

TEST_CASE("every form of output names what it rests on") {
  const std::string override_text = "/workloads/load/connections=4";
  const std::string arguments = fmt::format("{} --set {} --seed 7", case_named("two-subnets"), override_text);
  const json written = json::parse(printed(fmt::format("run {} --format json", arguments)));
  const std::string file_hash = written.at("scenario").at("sha256");
  const std::string effective = written.at("scenario").at("effective_sha256");
  CHECK(effective.size() == 64);
  CHECK(written.at("seed") == 7);
  CHECK(written.at("scenario").at("overrides") == json::array({override_text}));
  REQUIRE(written.at("profiles").size() == 1);
  CHECK(written.at("profiles").at(0).at("name") == "linux");
  CHECK(written.at("profiles").at(0).at("sha256").get<std::string>().size() == 64);
  const auto names_all = [&](const std::string& text) {
    CAPTURE(text);
    for (const std::string& part : {file_hash.substr(0, 12), effective.substr(0, 12), std::string("seed 7"),
                                    std::string("linux"), written.at("version").get<std::string>()})
      CHECK(text.find(part) != std::string::npos);
  };
  for (const char* command : {"run", "validate"}) {
    for (const char* format : {"text", "junit", "tap", "github", "markdown", "html"}) {
      CAPTURE(command, format);
      const std::string text = printed(fmt::format("{} {} --format {}", command, arguments, format));
      names_all(text);
      // Markdown and HTML may escape the slashes of a pointer.
      CHECK(text.find("connections=4") != std::string::npos);
    }
  }
  const std::string analysed = printed(fmt::format("capacity {}", arguments));
  names_all(analysed);
  CHECK(analysed.substr(0, analysed.find('\n')).find("netlimits 0") == std::string::npos);
  for (const char* command : {"capacity", "validate"}) {
    const json other = json::parse(printed(fmt::format("{} {} --format json", command, arguments)));
    for (const char* key : {"scenario", "profiles", "seed", "version"}) CHECK(other.at(key) == written.at(key));
  }
}

TEST_CASE("the hash of a scenario in effect follows overrides and the contents of profiles, and nothing else") {
  const auto effective = [](const std::string& arguments) {
    const json written = json::parse(printed(fmt::format("capacity {} --format json", arguments)));
    return written.at("scenario").at("effective_sha256").get<std::string>();
  };
  const std::string input = case_named("user-twk");
  const std::string on_mine = fmt::format("{} --set /hosts/client/profile=mine", input);
  const ProfileDirectory one(profile_text("mine", "linux", buckets(1000, "measured")));
  const ProfileDirectory again(profile_text("mine", "linux", fmt::format("  {}  ", buckets(1000, "measured"))));
  const ProfileDirectory other(profile_text("mine", "linux", buckets(1001, "measured")));
  const ProfileDirectory doubtful(profile_text("mine", "linux", buckets(1000, "unsourced")));
  const std::string plain = effective(input);
  CHECK(effective(input) == plain);
  CHECK(effective(fmt::format("{} {}", input, one.option())) == plain);  // a profile that it does not use
  std::set<std::string> hashes{plain};
  for (const std::string& arguments :
       {fmt::format("{} --set /workloads/load/connections=399", input),
        fmt::format("{} --set /workloads/load/connections=398", input), fmt::format("{} {}", on_mine, one.option()),
        fmt::format("{} {}", on_mine, other.option()), fmt::format("{} {}", on_mine, doubtful.option())})
    hashes.insert(effective(arguments));
  CHECK(hashes.size() == 6);
  CHECK(effective(fmt::format("{} {}", on_mine, again.option())) ==
        effective(fmt::format("{} {}", on_mine, one.option())));
}

TEST_CASE("figures without a source are in the first line") {
  const ProfileDirectory mine(profile_text("windows-2019", "windows", buckets(1000, "unsourced")));
  const std::string arguments =
      fmt::format("{} --set /hosts/client={} {}", case_named("user-twk"),
                  R"('{"profile":"windows-2019","addresses":["10.0.0.5"],"processes":{"app":{}}}')", mine.option());
  for (const char* command : {"run", "capacity"}) {
    CAPTURE(command);
    const std::string text = printed(fmt::format("{} {}", command, arguments));
    const std::string first = text.substr(0, text.find('\n'));
    CAPTURE(first);
    CHECK(first.find("; unsourced: ") != std::string::npos);
    CHECK(first.find("max_time_wait_buckets") != std::string::npos);
    CHECK(first.find(" of windows-2019") != std::string::npos);
  }
  CHECK(printed(fmt::format("run {}", case_named("user-twk"))).find("unsourced") == std::string::npos);
}

// Only the kernel knows the size of a buffer that nobody asked for; the script is right all the same.
TEST_CASE("a script that the model does not know is not wrong, and one for a system without a profile is") {
  const auto script = [](const char* system) {
    return fmt::format(R"({{"format": 1, "group": "g", "about": "a", "scripts": [{{"name": "g/size", "source": "s",
        "hosts": {{"a": {{"os": "{}", "addresses": ["127.0.0.1/8"], "processes": {{"p": {{"nofile": 64}}}}}}}},
        "steps": [{{"call": "socket", "as": "s", "domain": "inet", "type": "stream"}},
                  {{"call": "bind", "socket": "s", "address": "127.0.0.1", "port": 5000}},
                  {{"call": "listen", "socket": "s"}},
                  {{"call": "socket", "as": "c", "domain": "inet", "type": "stream"}},
                  {{"call": "connect", "socket": "c", "address": "127.0.0.1", "port": 5000}},
                  {{"call": "getsockopt", "socket": "c", "option": "SO_RCVBUF", "value": 131072}}]}}]}})",
                       system);
  };
  const ProfileDirectory directory(script("linux"));
  const Said not_known = said_by(fmt::format("{} script --model {} 2>&1", program, directory.file()));
  CHECK(not_known.code == 0);
  CHECK(not_known.text.find("the size that the kernel gives SO_RCVBUF by itself is not modelled") != std::string::npos);
  CHECK(not_known.text.find("0 of 1 script hold on the model; 1 not run") != std::string::npos);
  const ProfileDirectory other(script("linux-5.15"));
  const Said wrong = said_by(fmt::format("{} script --model {} 2>&1", program, other.file()));
  CHECK(wrong.code == 2);
  CHECK(wrong.text.find("script \"g/size\": host a: \"os\": expected the name of a profile, found \"linux-5.15\"; "
                        "linux-5.4 is the nearest older one") != std::string::npos);
}

}  // namespace netlimits::cases
