// The program's own `explain`.
#include <nlohmann/json.hpp>
#include <string>

#include "tests/catch.hpp"
#include "tests/cli/shell.hpp"
#include "tests/hostile_strings.hpp"

using netlimits::tests::Said;
using nlohmann::json;

namespace {

Said explain(const std::string& words) {
  return netlimits::tests::said_by(std::string("cd '") + NETLIMITS_SOURCE_DIR + "' && '" + NETLIMITS_PROGRAM +
                                   "' explain " + words + " 2>&1");
}

}  // namespace

TEST_CASE("an explanation says what it is first, then figures, commands and beliefs") {
  const Said said = explain("listen_backlog");
  CHECK(said.code == 0);
  CHECK(said.text.starts_with("listen_backlog (limit): The accept queue: "));
  std::size_t at = 0;
  for (const char* part : {"formula   places = min(backlog, net.core.somaxconn) + 1", "somaxconn", "what shows it",
                           "ss -tln", "what changes it", "what people believe", "A full backlog refuses"}) {
    INFO(part);
    at = said.text.find(part, at);
    REQUIRE(at != std::string::npos);
  }
}

TEST_CASE("every form has the same name, and nothing in it steers anybody") {
  const Said as_json = explain("EMFILE --format json");
  const json made = json::parse(as_json.text);
  CHECK(made.at("format") == "netlimits.explain/1");
  CHECK(made.at("explanations").at(0).at("limits") == json{"fd_per_process"});
  CHECK(made.at("explanations").at(0).at("values").at(0).at("figure") == "descriptors_exhausted");
  const Said as_markdown = explain("EMFILE --format markdown");
  CHECK(as_markdown.text.starts_with("### EMFILE (error)\n\n"));
  for (const char* format : {"text", "json", "markdown"}) {
    for (const char* name : {"", "ephemeral_ports", "somaxconn", "10055", "bind.conflict"}) {
      const Said said = explain(std::string(name) + " --format " + format);
      CAPTURE(name, format);
      CHECK(said.code == 0);
      CHECK(netlimits::tests::steering(said.text).empty());
      if (format == std::string("markdown")) CHECK(netlimits::tests::alive_in_markdown(said.text).empty());
    }
  }
}

TEST_CASE("a message need not be quoted") { CHECK(explain("Too many open files").text == explain("EMFILE").text); }

TEST_CASE("the list names each kind, and what is not known ends with 2") {
  const Said list = explain("");
  CHECK(list.code == 0);
  for (const char* part : {"limits\n", "settings\n", "errors\n", "rules\n", "  net.ipv4.tcp_tw_reuse "})
    CHECK_THAT(list.text, Catch::Matchers::Contains(part));
  const Said unknown = explain("ephemeral_port");
  CHECK(unknown.code == 2);
  CHECK(unknown.text ==
        "netlimits: \"ephemeral_port\" is no limit, setting, error or rule; did you mean ephemeral_ports?\n");
  CHECK(explain("EMFILE --format junit").code == 2);
  CHECK(explain("--help").text.find("Example: netlimits explain ephemeral_ports") != std::string::npos);
}
