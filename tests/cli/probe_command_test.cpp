// The program's own `probe`: help, exit codes, where the result goes.
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

#include "tests/catch.hpp"
#include "tests/cli/shell.hpp"

using netlimits::tests::Said;

namespace {

Said run(const std::string& arguments) {
  const std::string command =
      std::string("cd '") + NETLIMITS_SOURCE_DIR + "' && '" + NETLIMITS_PROGRAM + "' " + arguments + " 2>&1";
  return netlimits::tests::said_by(command);
}

const std::string sample = std::string(NETLIMITS_SOURCE_DIR) + "/tests/scenarios/collected/web-server";

}  // namespace

TEST_CASE("help begins with what it does and an example") {
  const Said said = run("probe --help");
  CHECK(said.code == 0);
  const std::size_t example = said.text.find("Example: netlimits probe");
  REQUIRE(example != std::string::npos);
  CHECK(example < said.text.find("--pid"));
}

TEST_CASE("the first line is the answer, and the same files give the same bytes") {
  const Said said = run("probe --from " + sample + " --to 10.1.0.9:5432");
  CHECK(said.code == 0);
  CHECK(said.text.substr(0, said.text.find('\n')) ==
        "webserver (process 3358) can make 998 more connections to 10.1.0.9:5432 from 10.1.0.1; breaks first at "
        "ephemeral_ports (machine 10.1.0.1 -> 10.1.0.9:5432, EADDRNOTAVAIL); next at 19,966: fd_per_process "
        "(machine/webserver)");
  for (const char* format : {"text", "json", "markdown", "html"}) {
    const std::string arguments = "probe --from " + sample + " --format " + format;
    CHECK(run(arguments).text == run(arguments).text);
  }
}

// Written anew with NETLIMITS_WRITE_GOLDEN=1 in the environment; a reviewer reads the difference.
TEST_CASE("the reports on collected files are those that were read before") {
  for (const auto& [format, ending] :
       std::map<std::string, std::string>{{"text", "txt"}, {"json", "json"}, {"markdown", "md"}}) {
    CAPTURE(format);
    const Said said = run("probe --from tests/scenarios/collected/web-server --to 10.1.0.9:5432 --format " + format);
    const std::string file = std::string(NETLIMITS_SOURCE_DIR) + "/tests/cli/golden/web-server." + ending;
    if (std::getenv("NETLIMITS_WRITE_GOLDEN") != nullptr) std::ofstream(file) << said.text;
    std::ifstream golden(file);
    const std::string text{std::istreambuf_iterator<char>(golden), std::istreambuf_iterator<char>()};
    CHECK(said.text == text);
  }
}

TEST_CASE("docs/probe.md shows what the program prints") {
  const Said said = run("probe --from tests/scenarios/collected/web-server --to 10.1.0.9:5432");
  std::ifstream page(std::string(NETLIMITS_SOURCE_DIR) + "/docs/probe.md");
  const std::string text{std::istreambuf_iterator<char>(page), std::istreambuf_iterator<char>()};
  CHECK_THAT(text, Catch::Matchers::Contains(said.text.substr(0, said.text.find("\nsetting "))));
}

TEST_CASE("Markdown has a table of limits and a list of what was not seen") {
  const Said said = run("probe --from " + sample + " --format markdown");
  CHECK(said.code == 0);
  CHECK(said.text.find("### Limits\n\n| limit | place |") != std::string::npos);
  CHECK(said.text.find("### Not determined\n\n- ports that sockets hold") != std::string::npos);
}

TEST_CASE("the page of HTML stands alone and has the same tables") {
  const Said said = run("probe --from " + sample + " --to 10.1.0.9:5432 --format html");
  CHECK(said.code == 0);
  CHECK(said.text.starts_with("<!doctype html>"));
  CHECK_THAT(said.text, Catch::Matchers::Contains("<p class=\"verdict\">webserver (process 3358) can make 998 more"));
  CHECK_THAT(said.text, Catch::Matchers::Contains("<h3>Limits</h3>\n<div class=\"scroll\" tabindex=\"0\"><table>"));
  CHECK_THAT(said.text, Catch::Matchers::Contains("10.1.0.1 -&gt; 10.1.0.9:5432"));
}

TEST_CASE("the result goes to a file, whole or not at all") {
  const auto file =
      std::filesystem::temp_directory_path() / ("netlimits-probe-" + std::to_string(::getpid()) + ".json");
  const Said said = run("probe --from " + sample + " --format json --output " + file.string());
  CHECK(said.code == 0);
  CHECK(said.text.empty());
  std::ifstream written(file);
  const std::string text{std::istreambuf_iterator<char>(written), std::istreambuf_iterator<char>()};
  CHECK(text.starts_with("{\n  \"addresses\""));
  std::filesystem::remove(file);
  CHECK(run("probe --from " + sample + " --output /nowhere/at/all.json").code == 2);
}

TEST_CASE("wrong usage and what is not there end with 2 and say what to do") {
  struct Row {
    const char* arguments;
    const char* words;
  };
  for (const Row& row :
       {Row{"probe --to example.org:443", "names are not looked up"},
        Row{"probe --to 10.1.0.9", "such as 10.1.0.9:443"},
        Row{"probe --to 0.0.0.0:443", "an address that a host can have"}, Row{"probe --to 10.1.0.9:0", "such as"},
        Row{"probe --pid 4194305", "there is no process 4194305"}, Row{"probe --pid -3", "--pid"},
        Row{"probe --from /nowhere/at/all", "/nowhere/at/all: no such directory"},
        Row{"probe --from / --pid 1", "excludes"}, Row{"probe --os linx", "did you mean linux?"},
        Row{"probe --os windows", "expected a profile of Linux"}, Row{"probe --format yaml", "yaml"},
        Row{"probe --hepl", "--hepl"}}) {
    CAPTURE(row.arguments);
    const Said said = run(row.arguments);
    CHECK(said.code == 2);
    CHECK_THAT(said.text, Catch::Matchers::Contains(row.words));
  }
}

TEST_CASE("this machine is probed, as a whole and by process") {
  CHECK(run("probe").code == 0);
  const Said own = run("probe --pid " + std::to_string(::getpid()));
  CHECK(own.code == 0);
  CHECK_THAT(own.text, Catch::Matchers::Contains("(process " + std::to_string(::getpid()) + ") can make"));
}
