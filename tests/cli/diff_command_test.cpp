// The program's own `diff`: results, scenarios, and one of each.
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/catch.hpp"
#include "tests/cli/shell.hpp"

using netlimits::tests::Said;
using nlohmann::json;

namespace {

// In a shell, with $N the program and $T an empty directory of its own.
Said shell(const std::string& words) {
  return netlimits::tests::said_by(std::string("cd '") + NETLIMITS_SOURCE_DIR + "' && N='" + NETLIMITS_PROGRAM +
                                   "' && T=$(mktemp -d) && trap 'rm -rf \"$T\"' EXIT && { " + words + "; } 2>&1");
}

const std::string compared = "scenarios/outbound-exhaustion-small.json";
const std::string narrower = " --set '/hosts/client/settings/net.ipv4.ip_local_port_range=40000 40199'";

std::string first_of(const Said& said) { return said.text.substr(0, said.text.find('\n')); }

}  // namespace

TEST_CASE("help begins with an example") {
  const Said said = shell("$N diff --help");
  CHECK(said.code == 0);
  CHECK(said.text.find("Example: netlimits diff before.json after.json") < said.text.find("--set"));
}

TEST_CASE("nothing changed is 0, anything is 1, in every form") {
  for (const char* format : {"text", "json", "markdown"}) {
    const std::string form = std::string(" --format ") + format;
    CHECK(shell("$N diff " + compared + " " + compared + form).code == 0);
    CHECK(shell("$N diff " + compared + " " + compared + narrower + form).code == 1);
  }
  CHECK(first_of(shell("$N diff " + compared + " " + compared)) == "nothing changed: holds 300: ephemeral_ports");
  CHECK(first_of(shell("$N diff " + compared + " " + compared + narrower)) ==
        "holds 300 -> 200 (-33 %): ephemeral_ports; expectations that do not hold 0 -> 3; failed 20 -> 120");
}

TEST_CASE("two results say what their scenarios say, but for what was asked") {
  for (const char* command : {"run", "capacity"}) {
    const std::string by = std::string(" --by ") + command + " --format json";
    const std::string answer = std::string("$N ") + command + " " + compared + " --format json";
    const Said results =
        shell(answer + " >$T/a.json; " + answer + narrower + " >$T/b.json; $N diff $T/a.json $T/b.json --format json");
    const Said scenarios = shell("$N diff " + compared + " " + compared + narrower + by);
    const Said mixed = shell(answer + " >$T/a.json; $N diff $T/a.json " + compared + narrower + " --format json");
    CHECK(results.code == 1);
    CHECK(results.text == mixed.text);
    json of_results = json::parse(results.text);
    json of_scenarios = json::parse(scenarios.text);
    CHECK(of_results.at("changes") == of_scenarios.at("changes"));
    CHECK(of_results.at("before") == of_scenarios.at("before"));
    CHECK(of_results.at("input").at(0).at("what") == "scenario in effect");
    CHECK(of_scenarios.at("input").at(0).at("what") == "/hosts/client/settings/net.ipv4.ip_local_port_range");
    CHECK(of_scenarios.at("input").at(0).at("after") == "40000 40199");
  }
}

TEST_CASE("scenarios are answered by both engines, unless one is asked for") {
  const json both = json::parse(shell("$N diff " + compared + " " + compared + " --format json").text);
  CHECK(both.at("before").at("answered_by") == json{"capacity", "run"});
  const json one = json::parse(shell("$N diff --by capacity " + compared + " " + compared + " --format json").text);
  CHECK(one.at("before").at("answered_by") == json{"capacity"});
  CHECK(one.at("before").at("first_lines").size() == 1);
}

TEST_CASE("another layout of the same scenario changes nothing") {
  const Said said = shell("tr -d '\\n' <" + compared + " >$T/one-line.json; $N diff " + compared + " $T/one-line.json");
  CHECK(said.code == 0);
  const Said results = shell("tr -d '\\n' <" + compared + " >$T/s.json; $N run $T/s.json --format json >$T/a.json; " +
                             "$N run " + compared + " --format json | $N diff $T/a.json -");
  CHECK(results.code == 0);
}

TEST_CASE("one of them may be standard input, and the result may go to a file") {
  CHECK(shell("$N diff - " + compared + " <" + compared).code == 0);
  CHECK(shell("$N diff - - <" + compared).code == 2);
  const Said said = shell("$N diff " + compared + " " + compared + " --output $T/out; cat $T/out");
  CHECK_THAT(said.text, Catch::Matchers::StartsWith("nothing changed: "));
}

TEST_CASE("docs/diff.md shows what the program prints") {
  const Said said = shell(
      "$N diff scenarios/outbound-exhaustion.json scenarios/outbound-exhaustion.json --by capacity "
      "--set /hosts/server/processes/web/nofile=20000");
  CHECK_THAT(shell("cat docs/diff.md").text, Catch::Matchers::Contains(said.text));
}

TEST_CASE("files that are not two answers end with 2 and say why") {
  struct Row {
    const char* words;
    const char* why;
  };
  for (const Row& row :
       {Row{"$N diff $S", "2 required"}, Row{"$N diff $S no-such.json", "no-such.json: no such file"},
        Row{"$N diff $S README.md", "README.md:1:1: "},
        Row{"echo '{\"format\": \"netlimits.schema/1\"}' >$T/x; $N diff $S $T/x",
            "/format: expected \"netlimits.run/1\""},
        Row{"echo '{\"netlimits\": 2}' >$T/x; $N diff $S $T/x", "/netlimits: expected"},
        Row{"$N run $S --format json >$T/a; $N capacity $S --format json >$T/b; $N diff $T/a $T/b",
            "is a result of run, and"},
        Row{"$N run $S --format json >$T/a; $N diff $S $T/a --set /seed=2", "--set and --seed change a scenario"},
        Row{"$N run $S $S --format json >$T/a; $N diff $S $T/a", "/a:"},
        Row{"$N diff $S $S --set /nothing=2", "expected a key of a scenario"}, Row{"$N diff $S $S --by magic", "--by"},
        Row{"$N diff $S $S --format junit", "--format"},
        Row{"$N diff $S $S --memory 1B", "--by capacity compares without running"}}) {
    CAPTURE(row.words);
    const Said said = shell("S=" + compared + "; " + row.words);
    CHECK(said.code == 2);
    CHECK_THAT(said.text, Catch::Matchers::Contains(row.why));
  }
}
