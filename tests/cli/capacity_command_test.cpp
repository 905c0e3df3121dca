// The program's own `capacity`: several files, every form, and what is asked of it.
#include <nlohmann/json.hpp>
#include <string>

#include "tests/catch.hpp"
#include "tests/cli/shell.hpp"

using netlimits::tests::Said;

namespace {

Said capacity(const std::string& words) {
  return netlimits::tests::said_by(std::string("cd '") + NETLIMITS_SOURCE_DIR + "' && '" + NETLIMITS_PROGRAM +
                                   "' capacity " + words + " 2>&1");
}

const std::string ports = "scenarios/outbound-exhaustion.json ";
const std::string churn = "scenarios/time-wait-churn.json ";

}  // namespace

TEST_CASE("several files are answered one after another, as each alone") {
  CHECK(capacity(ports + churn + "--format json").text ==
        capacity(ports + "--format json").text + capacity(churn + "--format json").text);
  CHECK(capacity(ports + churn).text == capacity(ports).text + "\n" + capacity(churn).text);
  const Said wrong = capacity(ports + "no-such.json");
  CHECK(wrong.code == 2);
  CHECK(wrong.text.find("holds") == std::string::npos);
}

TEST_CASE("what is asked of it ends with 1 where it does not hold") {
  struct Row {
    std::string words;
    int code;
  };
  for (const Row& row :
       {Row{ports + "--at-least 28232", 0}, Row{ports + "--at-least 28233", 1}, Row{ports + "--headroom 20%", 1},
        Row{ports + "--set /workloads/load/connections=20000 --headroom 20%", 0}, Row{churn + "--sustains 470/s", 0},
        Row{churn + "--sustains 471/s", 1}, Row{ports + churn + "--at-least 30000", 1},
        Row{ports + "--sustains 1/s", 2}, Row{ports + "--headroom 20", 2}, Row{ports + "--headroom 100%", 2},
        Row{ports + "--headroom 2.55%", 2}, Row{churn + "--sustains fast", 2}, Row{ports + "--at-least -1", 2},
        Row{"--nofile 65536 --at-least 28232", 0}, Row{"--nofile 65536 --at-least 30000", 1}}) {
    CAPTURE(row.words);
    CHECK(capacity(row.words).code == row.code);
  }
}

TEST_CASE("every form says which claim does not hold") {
  for (const char* format : {"text", "json", "junit", "tap", "github", "markdown", "html"}) {
    CAPTURE(format);
    const Said said = capacity(ports + "--at-least 30000 --format " + format);
    CHECK(said.code == 1);
    CHECK_THAT(said.text, Catch::Matchers::Contains("28,232 held at most, 30,000 needed"));
    CHECK(capacity(ports + churn + "--format " + format).code == 0);
  }
  CHECK_THAT(capacity(ports + "--at-least 30000 --format tap").text,
             Catch::Matchers::StartsWith("TAP version 13\n1..1\n") && Catch::Matchers::Contains("not ok 1 - "));
  CHECK_THAT(capacity(ports + "--format tap").text, Catch::Matchers::Contains("# SKIP"));
}
