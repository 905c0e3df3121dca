// The first word: a command, a scenario without one, or a slip of the pen.
#include <string>

#include "tests/catch.hpp"
#include "tests/cli/shell.hpp"

using netlimits::tests::Said;

namespace {

Said run(const std::string& words) {
  return netlimits::tests::said_by(std::string("cd '") + NETLIMITS_SOURCE_DIR + "' && " + words + " 2>&1");
}

const std::string program = std::string("'") + NETLIMITS_PROGRAM + "' ";
const std::string small = "scenarios/outbound-exhaustion-small.json";

}  // namespace

TEST_CASE("a scenario without a command word is run") {
  const Said said = run(program + small);
  CHECK(said.code == 0);
  CHECK(said.text == run(program + "run " + small).text);
  CHECK(run(program + small + " --format json --set /seed=7").text ==
        run(program + "run " + small + " --format json --set /seed=7").text);
  CHECK(run(program + small + " " + small).text == run(program + "run " + small + " " + small).text);
}

TEST_CASE("so is what comes on standard input") {
  CHECK(run(program + "- --format json <" + small).text == run(program + "run - --format json <" + small).text);
}

TEST_CASE("a name that can only be a file's is run where no such file is, too") {
  for (const char* name : {"no-such.json", "./run", "nowhere/scenario"}) {
    const Said said = run(program + name);
    CHECK(said.code == 2);
    CHECK_THAT(said.text, Catch::Matchers::Contains(std::string(name) + ": no such file"));
  }
  const Said folder = run(program + "scenarios");
  CHECK(folder.code == 2);
  CHECK_THAT(folder.text, Catch::Matchers::Contains("scenarios: is a directory; expected a file"));
}

TEST_CASE("a command goes before a file of its name") {
  const Said said = run("cd \"$(mktemp -d)\" && echo '{}' >profiles && " + program + "profiles");
  CHECK(said.code == 0);
  CHECK_THAT(said.text, Catch::Matchers::Contains("linux-6.1"));
}

TEST_CASE("a word that is neither is answered with the command that was meant") {
  struct Row {
    const char* word;
    const char* meant;
  };
  for (const Row& row : {Row{"rnu", "run"}, Row{"Run", "run"}, Row{"capcity", "capacity"}, Row{"valdiate", "validate"},
                         Row{"scripts", "script"}, Row{"profile", "profiles"}}) {
    const Said said = run(program + row.word + " " + small);
    CHECK(said.code == 2);
    CHECK(said.text == std::string("netlimits: no command and no file \"") + row.word + "\"; did you mean " +
                           row.meant + "?\nRun with --help for more information.\n");
  }
  const Said said = run(program + "'what is this'");
  CHECK(said.code == 2);
  CHECK_THAT(said.text, Catch::Matchers::Contains("known: run, capacity, "));
}

TEST_CASE("options of the program itself need no command, and nothing at all is wrong usage") {
  CHECK(run(program + "--version").code == 0);
  CHECK(run(program + "--help").code == 0);
  CHECK(run(program).code == 2);
}
