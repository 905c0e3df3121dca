// The profiles that are compiled in, a user's own, and the page about them.
#include "scenarios/profiles.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tests/catch.hpp"

namespace netlimits::scenarios {
namespace {

using namespace std::chrono_literals;

std::uint32_t ports_of(std::string_view name) {
  return ProfileSet::built_in().find(name)->settings.local_port_range.size().value;
}

TEST_CASE("the profiles that are compiled in hold the figures of their systems") {
  const ProfileSet& profiles = ProfileSet::built_in();
  CHECK(profiles.names() == std::vector<std::string>{"freebsd", "linux", "linux-2.6", "linux-4.1", "linux-4.19",
                                                     "linux-5.4", "linux-6.1", "linux-6.12", "linux-6.18", "macos",
                                                     "windows"});
  CHECK(ports_of("linux") == 28232);
  CHECK(ports_of("linux-5.4") == 28232);
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
  CHECK_FALSE(profiles.find("linux-6.1")->rules.socket_port_range);
  CHECK(profiles.find("windows")->rules.ports_exhausted_connect == Error::wsaenobufs);
  CHECK_FALSE(profiles.find("windows")->rules.descriptors_bind);
  CHECK(profiles.find("macos")->settings.time_wait == Duration(30s));
  CHECK(profiles.find("beos") == nullptr);
}

TEST_CASE("no profile leaves a rule of the kernel out, and none can say so") {
  const ProfileSet& profiles = ProfileSet::built_in();
  for (const std::string& name : profiles.names()) CHECK(profiles.find(name)->rules.without == KernelRule::none);
  const auto added = ProfileSet::with_files(
      {{"x.json", R"({"netlimits_profile": 1, "name": "x", "title": "X", "based_on": "linux", "figures": {
         "without": {"value": "syn_takes_time_wait", "source": "none", "confidence": "measured"}}})"}});
  CHECK_FALSE(added);
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
