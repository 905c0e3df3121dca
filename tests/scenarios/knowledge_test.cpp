// Everything that the program can name is explained: each limit, setting, error and rule.
#include "scenarios/knowledge/explanation.hpp"
#include "scenarios/knowledge/remedies.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "model/systems/error.hpp"
#include "model/systems/limit.hpp"
#include "model/systems/rule_book.hpp"
#include "model/systems/setting.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using scenarios::Explanation;
using scenarios::KnownKind;

namespace {

const std::vector<std::string> all_systems{"linux", "windows", "macos", "freebsd"};

std::vector<Explanation> asked(std::string_view words) {
  return scenarios::explanations_of(words, scenarios::ProfileSet::built_in());
}

// The one explanation of that name, of which nothing is left out.
Explanation one(std::string_view name, KnownKind kind) {
  const std::vector<Explanation> found = asked(name);
  CAPTURE(std::string(name));
  REQUIRE(found.size() == 1);
  CHECK(found.front().known.kind == kind);
  CHECK(found.front().known.name == name);
  CHECK_FALSE(found.front().known.what.empty());
  CHECK_FALSE(found.front().known.source.empty());
  CHECK_FALSE(found.front().known.confidence.empty());
  return found.front();
}

std::set<std::string> profiles_in(const Explanation& explanation) {
  std::set<std::string> profiles;
  for (const auto& value : explanation.values) profiles.insert(value.profiles.begin(), value.profiles.end());
  return profiles;
}

std::string value_of(const Explanation& explanation, const std::string& figure, const std::string& profile) {
  for (const auto& value : explanation.values) {
    if (value.figure == figure && std::count(value.profiles.begin(), value.profiles.end(), profile) == 1)
      return value.value;
  }
  return "(none)";
}

}  // namespace

TEST_CASE("each limit is explained: what a program sees, what shows it, what changes it") {
  for (const Limit limit : all_limits) {
    const Explanation explanation = one(name_of(limit), KnownKind::limit);
    CHECK_FALSE(explanation.known.formula.empty());
    CHECK_FALSE(explanation.known.told.empty());
    CHECK(explanation.known.shows.contains("linux"));
    CHECK(explanation.known.changes.contains("linux"));
    // A limit whose figures profiles have is shown for every one of them.
    if (!explanation.known.figures.empty())
      CHECK(profiles_in(explanation).size() == scenarios::ProfileSet::built_in().names().size());
  }
}

TEST_CASE("each setting of each system is explained, with the commands and its value in each profile that has it") {
  const auto& profiles = scenarios::ProfileSet::built_in();
  for (const std::string& system : all_systems) {
    for (const SettingInfo& setting : settings_of(system)) {
      const Explanation explanation = one(setting.name, KnownKind::setting);
      CAPTURE(system);
      CHECK(std::count(explanation.known.systems.begin(), explanation.known.systems.end(), system) == 1);
      CHECK(explanation.known.shows.contains(system));
      CHECK(explanation.known.changes.contains(system));
      for (const std::string& name : profiles.names()) {
        const OsProfile& profile = *profiles.find(name);
        if (profile.system != system) continue;
        const std::string read = read_setting(profile.settings, system, setting.name);
        const bool absent = profile.settings_absent.contains(setting.name);
        CHECK(value_of(explanation, std::string(setting.name), name) == (absent         ? "not there"
                                                                         : read.empty() ? "none"
                                                                                        : read));
      }
    }
  }
  // What a program sets, and no host.
  one("nofile", KnownKind::setting);
  one("backlog", KnownKind::setting);
}

TEST_CASE("each error that there is is explained, with the figures of profiles that say it") {
  constexpr auto last = static_cast<std::size_t>(Error::wsaetimedout);
  for (std::size_t number = 0; number <= last; ++number) {
    const Explanation explanation = one(name_of(static_cast<Error>(number)), KnownKind::error);
    CHECK_FALSE(explanation.known.told.empty());
    CHECK_FALSE(explanation.known.messages.empty());
  }
  CHECK(value_of(one("EADDRNOTAVAIL", KnownKind::error), "ports_exhausted_connect", "linux") == "EADDRNOTAVAIL");
  CHECK(value_of(one("WSAENOBUFS", KnownKind::error), "ports_exhausted_connect", "windows") == "WSAENOBUFS");
  CHECK(value_of(one("WSAENOBUFS", KnownKind::error), "ports_exhausted_connect", "linux") == "(none)");
}

TEST_CASE("each rule of the book is explained, and which profiles have it") {
  for (const RuleFacts& row : rule_book()) {
    if (row.rule == no_rule) continue;
    const Explanation explanation = one(row.name, KnownKind::rule);
    CHECK(profiles_in(explanation).size() == scenarios::ProfileSet::built_in().names().size());
    for (const auto& value : explanation.values) {
      for (const std::string& name : value.profiles)
        CHECK((value.value == "in force") == scenarios::ProfileSet::built_in().find(name)->rules.has(row.rule));
    }
    if (!row.believes.empty()) CHECK(explanation.known.folklore.front().belief == row.believes);
  }
}

TEST_CASE("the list has each of them once") {
  std::set<std::string> names;
  for (const scenarios::Known& known : scenarios::explainable()) CHECK(names.insert(known.name).second);
  CHECK(names.size() > 19 + 36 + 42);
}

TEST_CASE("a number, a message, other letters and the last part of a name mean what they say") {
  CHECK(one("WSAENOBUFS", KnownKind::error).known.name == asked("10055").front().known.name);
  CHECK(asked("eaddrinuse").front().known.name == "EADDRINUSE");
  CHECK(asked("too many open files").front().known.name == "EMFILE");
  CHECK(asked("accept4() failed (23: Too many open files in system)").front().known.name == "ENFILE");
  REQUIRE(asked("somaxconn").size() == 2);
  CHECK(asked("somaxconn")[1].known.name == "kern.ipc.somaxconn");
  CHECK(asked("ip_local_port_range").front().known.name == "net.ipv4.ip_local_port_range");
  CHECK(asked("conflict").size() == 2);  // of bind() and of listen()
  CHECK(asked("").empty());
  CHECK(asked("nothing of the kind").empty());
  CHECK(scenarios::explainable_suggestion("ephemeral_port") == "did you mean ephemeral_ports?");
}

TEST_CASE("a profile of a user's own is among the values") {
  const auto mine = scenarios::ProfileSet::with_files(
      {{"mine.json", R"({"netlimits_profile": 1, "name": "mine", "title": "ours", "based_on": "linux",
        "figures": {"somaxconn": {"value": 77, "source": "our image", "confidence": "measured"}}})"}});
  REQUIRE(mine);
  const auto found = scenarios::explanations_of("net.core.somaxconn", *mine);
  REQUIRE(found.size() == 1);
  CHECK(value_of(found.front(), "net.core.somaxconn", "mine") == "77");
  CHECK(value_of(found.front(), "net.core.somaxconn", "linux-4.19") == "128");
}

TEST_CASE("knowledge that names what does not exist is refused with its place") {
  struct Row {
    const char* text;
    const char* words;
  };
  for (const Row& row :
       {Row{R"({"netlimits_knowledge": 2})", "/netlimits_knowledge"},
        Row{R"({"netlimits_knowledge": 1, "limits": {"no_such": {}}})", "no such name"},
        Row{R"({"netlimits_knowledge": 1, "errors": {"EMFILE": {"means": ""}}})", "/errors/EMFILE/means"},
        Row{R"({"netlimits_knowledge": 1, "errors": {"EMFILE": {"limits": ["x"]}}})", "/errors/EMFILE/limits/0"},
        Row{R"({"netlimits_knowledge": 1, "settings": {"nofile": {"figure": "x"}}})", "/settings/nofile/figure"},
        Row{R"({"netlimits_knowledge": 1, "limits": {"memory": {"folklore": [{"belief": "a", "truth": "b",
            "scenario": "none"}]}}})",
            "/limits/memory/folklore/0/scenario"},
        Row{R"({"netlimits_knowledge": 1, "limits": {"memory": {"shows": {"plan9": ["x"]}}}})",
            "/limits/memory/shows/plan9"}}) {
    const auto refused = scenarios::read_knowledge(row.text, "test");
    CAPTURE(row.text);
    REQUIRE_FALSE(refused);
    CHECK_THAT(scenarios::text_of(refused.error()), Catch::Matchers::Contains(row.words));
  }
}

TEST_CASE("words in braces are filled in, and others stay") {
  const scenarios::RemedyWords words{{"value", "65536"}, {"host", "client"}};
  CHECK(scenarios::filled_in("LimitNOFILE={value} on {host}, {nothing}, {open", words) ==
        "LimitNOFILE=65536 on client, {nothing}, {open");
  CHECK(scenarios::filled_in("", words).empty());
}

TEST_CASE("a setting is written as its system does") {
  CHECK(scenarios::lines_that_set("linux", "net.ipv4.ip_local_port_range", "1024 65535").front() ==
        "sysctl -w net.ipv4.ip_local_port_range='1024 65535'");
  CHECK(scenarios::lines_that_set("freebsd", "kern.maxfiles", "100000").front() == "sysctl kern.maxfiles=100000");
  CHECK(scenarios::lines_that_set("windows", "net.core.somaxconn", "128").empty());
}

TEST_CASE("a remedy has a source, and says on which system it is done how") {
  for (const scenarios::Remedy& remedy : scenarios::remedies()) {
    CAPTURE(remedy.name);
    CHECK_FALSE(remedy.what.empty());
    CHECK_FALSE(remedy.source.empty());
    CHECK_FALSE(remedy.confidence.empty());
  }
  const auto wrong = scenarios::read_remedies(R"({"netlimits_remedies": 1, "remedies": {"nofile": {
      "what": "More.", "effects": [], "risks": [], "changes": {"beos": ["x"]}, "source": "s", "confidence": "sure"}}})",
                                              "wrong.json");
  REQUIRE_FALSE(wrong);
  CHECK_THAT(scenarios::text_of(wrong.error()), Catch::Matchers::Contains("no such system: \"beos\"") &&
                                                    Catch::Matchers::Contains("/remedies/nofile/confidence"));
}
