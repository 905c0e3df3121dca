// The program's own `diagnose`.
#include <nlohmann/json.hpp>
#include <string>

#include "tests/catch.hpp"
#include "tests/cli/shell.hpp"
#include "tests/hostile_strings.hpp"

using netlimits::tests::Said;
using nlohmann::json;

namespace {

Said diagnose(const std::string& words) {
  return netlimits::tests::said_by(std::string("cd '") + NETLIMITS_SOURCE_DIR + "' && '" + NETLIMITS_PROGRAM +
                                   "' diagnose " + words + " 2>&1");
}

}  // namespace

TEST_CASE("a diagnosis says first what is likeliest, then the others, then why, where to look and what helps") {
  const Said said = diagnose("--count 28232 --error EADDRNOTAVAIL");
  CHECK(said.code == 0);
  CHECK(said.text.starts_with("28,232 connections, EADDRNOTAVAIL: most likely ephemeral_ports "));
  std::size_t at = 0;
  for (const char* part :
       {"likely  cause", "automatic-ports", "28232 = automatic_ports (automatic_ports of 32768-60999)",
        "remedy  sysctl -w net.ipv4.ip_local_port_range", "source", "look here", "ss -Htan"}) {
    INFO(part);
    at = said.text.find(part, at);
    REQUIRE(at != std::string::npos);
  }
}

TEST_CASE("every form of a diagnosis has the same cause first, and nothing in it steers anybody") {
  const json made = json::parse(diagnose("--count 512 --error silence --during load --format json").text);
  CHECK(made.at("format") == "netlimits.diagnose/1");
  CHECK(made.at("asked").at("count").at("min") == 512);
  CHECK(made.at("causes").at(0).at("limit") == "listen_backlog");
  CHECK(made.at("causes").at(0).at("why").at(0).at("figure") == 512);
  const Said page = diagnose("--count 512 --error silence --during load --format markdown");
  CHECK(page.text.starts_with("### 512 connections, silence, under load"));
  for (const std::string& hostile : netlimits::tests::hostile_strings()) {
    if (hostile.find('\0') != std::string::npos || hostile.find('\'') != std::string::npos) continue;
    for (const char* format : {"text", "json", "markdown"}) {
      const Said said = diagnose("--count 77 --error 'x" + hostile + "' --format " + format);
      CHECK(said.code == 0);
      CHECK(netlimits::tests::steering(said.text).empty());
      if (format == std::string("markdown")) CHECK(netlimits::tests::alive_in_markdown(said.text).empty());
    }
  }
}

TEST_CASE("files of a machine stand in for its profile, and what is full there is likelier") {
  const json made = json::parse(
      diagnose("--from tests/scenarios/collected/web-server --error silence --format json 2>/dev/null").text);
  CHECK(made.at("asked").at("os").get<std::string>().starts_with("linux"));
  bool used = false;
  for (const json& cause : made.at("causes")) used = used || cause.contains("use");
  CHECK(used);
}

TEST_CASE("what cannot be asked ends with 2 and says what can") {
  CHECK(diagnose("").code == 2);
  CHECK_THAT(diagnose("").text, Catch::Matchers::Contains("--count 28232"));
  CHECK(diagnose("--count many").code == 2);
  CHECK(diagnose("--rate fast").code == 2);
  CHECK(diagnose("--error 'no such words'").code == 2);
  CHECK_THAT(diagnose("--count 5 --os linx").text, Catch::Matchers::Contains("did you mean linux?"));
  CHECK(diagnose("--count 5 --during night").code == 2);
  CHECK(diagnose("--from /nowhere").code == 2);
  CHECK(diagnose("--help").text.find("Example: netlimits diagnose --count 28232") != std::string::npos);
  // Beside a number an unknown message is said to count for nothing.
  CHECK_THAT(diagnose("--count 28232 --error 'no such words'").text,
             Catch::Matchers::Contains("it counts for nothing"));
}
