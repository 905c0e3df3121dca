// The profiles that are compiled in, a user's own, and the page about them.
#include "scenarios/profiles.hpp"

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "model/systems/rule_book.hpp"
#include "tests/catch.hpp"

namespace netlimits::scenarios {
namespace {

using namespace std::chrono_literals;

std::uint32_t ports_of(std::string_view name) {
  return ProfileSet::built_in().find(name)->settings.local_port_range.size().value;
}

TEST_CASE("the profiles that are compiled in hold the figures of their systems") {
  const ProfileSet& profiles = ProfileSet::built_in();
  CHECK(profiles.names() == std::vector<std::string>{"freebsd", "linux", "linux-2.6", "linux-4.1", "linux-4.11",
                                                     "linux-4.19", "linux-4.2", "linux-4.4", "linux-5.4", "linux-6.1",
                                                     "linux-6.12", "linux-6.18", "macos", "windows"});
  CHECK(ports_of("linux") == 28232);
  CHECK(ports_of("linux-5.4") == 28232);
  CHECK(ports_of("linux-4.11") == 28232);
  CHECK(ports_of("linux-4.4") == 28232);
  CHECK(ports_of("linux-4.2") == 28232);
  CHECK(ports_of("linux-4.1") == 28233);
  CHECK(ports_of("linux-2.6") == 28233);
  CHECK(ports_of("windows") == 16384);
  CHECK(ports_of("macos") == 16384);
  CHECK(ports_of("freebsd") == 55536);
  CHECK(profiles.find("linux")->settings.somaxconn == 4096);
  CHECK(profiles.find("linux-4.19")->settings.somaxconn == 128);
  CHECK(profiles.find("linux-2.6")->settings.somaxconn == 128);
  CHECK(profiles.find("linux-2.6")->system == "linux");
  CHECK(profiles.find("linux-2.6")->settings_absent.contains("net.ipv4.ip_autobind_reuse"));
  CHECK(profiles.find("linux-6.18")->rules == profiles.find("linux")->rules);
  CHECK(profiles.find("linux-6.18")->settings == profiles.find("linux")->settings);
  for (const char* name : {"linux-4.1", "linux-4.2", "linux-4.4", "linux-4.11"}) {
    CAPTURE(name);
    CHECK(profiles.find(name)->settings.time_wait_reuse == TimeWaitReuse::never);
    CHECK(profiles.find(name)->nofile_hard == 4096);
  }
  CHECK(profiles.find("linux-4.19")->settings.time_wait_reuse == TimeWaitReuse::loopback_only);
  CHECK(profiles.find("linux-4.2")->rules.has(Rule::syn_queue_rounded));
  CHECK_FALSE(profiles.find("linux-4.4")->rules.has(Rule::syn_queue_rounded));
  CHECK(profiles.find("linux-4.4")->settings_absent.contains("net.ipv4.ip_unprivileged_port_start"));
  CHECK_FALSE(profiles.find("linux-4.11")->settings_absent.contains("net.ipv4.ip_unprivileged_port_start"));
  CHECK(profiles.find("linux-6.1")->rules.has(Rule::socket_range_narrows));
  CHECK_FALSE(profiles.find("linux-6.1")->rules.has(Rule::socket_range_every_port));
  CHECK_FALSE(profiles.find("linux-5.4")->rules.has(Rule::socket_range_narrows));
  CHECK(profiles.find("windows")->rules.ports_exhausted_connect == Error::wsaenobufs);
  CHECK_FALSE(profiles.find("windows")->rules.has(Rule::descriptors_process));
  CHECK(profiles.find("macos")->settings.time_wait == Duration(30s));
  CHECK(profiles.find("beos") == nullptr);
}

TEST_CASE(
    "a profile leaves out only rules that its version or system lacks, and a file can say only those that have a key") {
  const ProfileSet& profiles = ProfileSet::built_in();
  for (const std::string& name : profiles.names()) {
    for (const RuleFacts& row : rule_book()) {
      CAPTURE(name, row.name);
      CHECK((profiles.find(name)->rules.has(row.rule) || !row.figure.empty()));
    }
  }
  for (const char* key : {"time-wait.new-syn", "time_wait_new_syn"}) {
    CHECK_FALSE(ProfileSet::with_files(
        {{"x.json", R"({"netlimits_profile": 1, "name": "x", "title": "X", "based_on": "linux", "figures": {")" +
                        std::string(key) + R"(": {"value": false, "source": "none", "confidence": "measured"}}})"}}));
  }
}

// What every shipped profile's system follows: the rules that it lacks, and the figures among the rules.
std::string rules_in_force() {
  std::string text;
  for (const std::string& name : ProfileSet::built_in().names()) {
    const OsProfile& profile = *ProfileSet::built_in().find(name);
    const std::string kernel =
        profile.kernel ? fmt::format(", kernel {}.{}", profile.kernel->major, profile.kernel->minor) : "";
    text += fmt::format("{}{}\n", name, kernel);
    for (const RuleFacts& row : rule_book())
      if (!profile.rules.has(row.rule)) text += fmt::format("  without {}\n", row.name);
    for (const FigureText& figure : figures_of(profile))
      for (const char* key :
           {"sharing", "exhausted", "accept_queue", "taken", "in_use", "refused", "reset", "timed_out"})
        if (figure.key.find(key) != std::string::npos) text += fmt::format("  {} {}\n", figure.key, figure.value);
  }
  return text;
}

TEST_CASE("every shipped profile follows the rules that it followed") {
  const std::string path = std::string(NETLIMITS_SOURCE_DIR) + "/tests/scenarios/rules_in_force.txt";
  if (std::getenv("NETLIMITS_WRITE_GOLDEN") != nullptr) std::ofstream(path) << rules_in_force();
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  CHECK(text.str() == rules_in_force());
}

TEST_CASE("a kernel's version gives the rules that came by then, and a file may still say one otherwise") {
  const auto profiles = ProfileSet::with_files(
      {{"a.json", R"({"netlimits_profile": 1, "name": "a", "title": "t", "based_on": "linux", "kernel": "6.6",
        "figures": {"bucket_revival": {"value": true, "source": "a patch of ours", "confidence": "measured"}}})"},
       {"b.json", R"({"netlimits_profile": 1, "name": "b", "title": "t", "based_on": "a", "figures": {}})"},
       {"c.json", R"({"netlimits_profile": 1, "name": "c", "title": "t", "based_on": "a", "kernel": "6.5",
        "figures": {}})"}});
  if (!profiles) FAIL(text_of(profiles.error()));
  const auto has = [&](const char* name, Rule rule) { return profiles->find(name)->rules.has(rule); };
  CHECK(has("a", Rule::socket_range_narrows));
  CHECK_FALSE(has("a", Rule::socket_range_every_port));
  CHECK(has("a", Rule::connect_revived_port));
  CHECK(profiles->find("a")->provenance.at("bucket_revival").source == "a patch of ours");
  CHECK(profiles->find("a")->provenance.at("socket_port_range_step_one").confidence == "documented");
  CHECK(profiles->find("b")->rules == profiles->find("a")->rules);
  CHECK_FALSE(has("c", Rule::connect_revived_port));
  CHECK(profiles->find("c")->kernel == KernelVersion{6, 5});
}

// What is spelt alike may have other rules: 4.1 has neither the ports of 4.15 nor its options.
TEST_CASE("a version of Linux without a profile is answered with the nearest older one") {
  const ProfileSet& profiles = ProfileSet::built_in();
  CHECK(profiles.suggestion("linux-5.15") == "linux-5.4 is the nearest older one");
  CHECK(profiles.suggestion("linux-4.15") == "linux-4.11 is the nearest older one");
  CHECK(profiles.suggestion("linux-4.18") == "linux-4.11 is the nearest older one");
  CHECK(profiles.suggestion("linux-7.0") == "linux-6.18 is the nearest older one");
  CHECK(profiles.suggestion("linux-2.4") == "linux-2.6 is the oldest one of Linux");
  CHECK(profiles.suggestion("linus") == "did you mean linux?");
}

TEST_CASE("every figure of every profile has a source and says how sure it is") {
  for (const std::string& name : ProfileSet::built_in().names()) {
    for (const FigureText& figure : figures_of(*ProfileSet::built_in().find(name))) {
      CAPTURE(name, figure.key);
      CHECK_FALSE(figure.provenance.source.empty());
      CHECK_FALSE(figure.provenance.confidence.empty());
    }
  }
}

const std::string mine = R"({"netlimits_profile": 1, "name": "mine", "title": "t", "based_on": "linux", "figures": {
  "somaxconn": {"value": 77, "source": "ours", "confidence": "measured", "note": "n"}}})";

TEST_CASE("a user's file adds a profile, or takes the place of one also as the basis of others") {
  const auto added = ProfileSet::with_files({{"mine.json", mine}});
  REQUIRE(added.has_value());
  CHECK(added->find("mine")->settings.somaxconn == 77);
  CHECK(added->find("mine")->provenance.at("somaxconn").note == "n");
  CHECK(added->find("mine")->provenance.at("time_wait").confidence == "measured");

  std::string own_linux = mine;
  own_linux.replace(own_linux.find("\"mine\""), 6, "\"linux\"");
  const auto replaced = ProfileSet::with_files({{"linux.json", own_linux}});
  if (!replaced) FAIL(text_of(replaced.error()));
  CHECK(replaced->find("linux")->settings.somaxconn == 77);
  CHECK(replaced->find("linux-5.4")->settings.somaxconn == 77);
  CHECK(replaced->find("linux-4.19")->settings.somaxconn == 128);
}

TEST_CASE("a profile with a mistake is refused with its place") {
  struct Row {
    std::string text;
    std::string words;
  };
  const auto with_figure = [](const std::string& figure) {
    return R"({"netlimits_profile": 1, "name": "mine", "title": "t", "based_on": "linux", "figures": {)" + figure +
           "}}";
  };
  for (
      const Row& row : std::vector<Row>{
          {R"({"netlimits_profile": 1, "name": "a", "title": "t", "system": "linux", "figures": {}})",
           "no figure \"local_port_range\""},
          {R"({"netlimits_profile": 1, "name": "a", "title": "t", "based_on": "linus", "figures": {}})",
           "did you mean linux?"},
          {R"({"netlimits_profile": 1, "name": "a", "title": "t", "based_on": "a", "figures": {}})", "another profile"},
          {R"({"netlimits_profile": 1, "name": "a", "title": "t", "based_on": "linux", "kernel": "six", "figures": {}})",
           "the version of a Linux kernel"},
          {R"({"netlimits_profile": 1, "name": "a", "title": "t", "based_on": "linux", "kernel": "6.12.3", "figures": {}})",
           "the version of a Linux kernel"},
          {R"({"netlimits_profile": 1, "name": "a", "title": "t", "based_on": "macos", "kernel": "6.12", "figures": {}})",
           "only for a profile of Linux"},
          {R"({"netlimits_profile": 2, "name": "a", "title": "t", "based_on": "linux", "figures": {}})", "from 1 to 1"},
          {R"({"netlimits_profile": 1, "name": "a b", "title": "t", "based_on": "linux", "figures": {}})",
           "a name of letters"},
          {R"({"netlimits_profile": 1, "name": "a", "title": "t", "based_on": "linux", "system": "macos", "figures": {}})",
           "as the profile it is based on"},
          {with_figure(R"("somaxcon": {"value": 1, "source": "s", "confidence": "measured"})"),
           "did you mean somaxconn?"},
          {with_figure(R"("somaxconn": {"value": -1, "source": "s", "confidence": "measured"})"),
           "a whole number from 0"},
          {with_figure(R"("somaxconn": {"value": 1, "source": "", "confidence": "measured"})"),
           "where the figure comes from"},
          {with_figure(R"("somaxconn": {"value": 1, "source": "s", "confidence": "sure"})"), "one of \"measured\""},
          {with_figure(R"("somaxconn": {"value": 1, "confidence": "measured"})"), "\"source\""},
          {with_figure(R"("somaxconn": 5)"), "an object (figure)"},
          {with_figure(R"("local_port_range": {"value": [5, 3], "source": "s", "confidence": "measured"})"),
           "from 5 to 65535"},
          {with_figure(R"("time_wait": {"value": "60 parsecs", "source": "s", "confidence": "measured"})"),
           "\"60 parsecs\""},
          {with_figure(R"("timed_out": {"value": "EWHAT", "source": "s", "confidence": "measured"})"),
           "the name of an error"},
          {"{", "unexpected end"},
      }) {
    CAPTURE(row.text);
    const auto profiles = ProfileSet::with_files({{"p.json", row.text}});
    REQUIRE_FALSE(profiles.has_value());
    CHECK_THAT(text_of(profiles.error()), Catch::Matchers::Contains(row.words));
    CHECK_THAT(text_of(profiles.error()), Catch::Matchers::Contains("p.json:1:"));
  }
}

TEST_CASE("profiles that are based on each other are refused") {
  const auto circle = ProfileSet::with_files(
      {{"a.json", R"({"netlimits_profile": 1, "name": "a", "title": "t", "based_on": "b", "figures": {}})"},
       {"b.json", R"({"netlimits_profile": 1, "name": "b", "title": "t", "based_on": "a", "figures": {}})"}});
  REQUIRE_FALSE(circle.has_value());
  CHECK_THAT(text_of(circle.error()), Catch::Matchers::Contains("is based on itself"));
}

TEST_CASE("the page about profiles names every figure and every profile") {
  std::ifstream page(std::string(NETLIMITS_SOURCE_DIR) + "/docs/profiles.md");
  std::stringstream text;
  text << page.rdbuf();
  for (const std::string& name : ProfileSet::built_in().names()) {
    CAPTURE(name);
    CHECK(text.str().find(fmt::format("`{}`", name)) != std::string::npos);
  }
  for (const FigureText& figure : figures_of(*ProfileSet::built_in().find("linux"))) {
    CAPTURE(figure.key);
    CHECK(text.str().find(fmt::format("`{}`", figure.key)) != std::string::npos);
  }
}

TEST_CASE("a directory of profiles that is not there is an error") {
  const auto profiles = ProfileSet::with_directory("/nonexistent/profiles");
  REQUIRE_FALSE(profiles.has_value());
  CHECK_THAT(text_of(profiles.error()), Catch::Matchers::Contains("cannot be read"));
}

TEST_CASE("a FIFO among profiles is passed over, for to open one waits for a writer") {
  std::string root = std::filesystem::temp_directory_path() / "netlimits-profiles-XXXXXX";
  REQUIRE(::mkdtemp(root.data()) != nullptr);
  REQUIRE(::mkfifo((root + "/wait.json").c_str(), 0600) == 0);
  const auto profiles = ProfileSet::with_directory(root);
  std::filesystem::remove_all(root);
  REQUIRE(profiles.has_value());
  CHECK(profiles->names() == ProfileSet::built_in().names());
}

TEST_CASE("a directory that is named like a profile is an error") {
  std::string root = std::filesystem::temp_directory_path() / "netlimits-profiles-XXXXXX";
  REQUIRE(::mkdtemp(root.data()) != nullptr);
  std::filesystem::create_directory(root + "/odd.json");
  const auto profiles = ProfileSet::with_directory(root);
  std::filesystem::remove_all(root);
  REQUIRE_FALSE(profiles.has_value());
  CHECK(text_of(profiles.error()) == root + "/odd.json: this file cannot be read");
}

}  // namespace
}  // namespace netlimits::scenarios
