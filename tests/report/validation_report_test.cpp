// One hand-made comparison, in every format.
#include "report/validation_report.hpp"

#include <nlohmann/json.hpp>

#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::analysis;
using nlohmann::json;

namespace {

Validation found() {
  Validation validation;
  validation.kernel = "6.18.44";
  validation.checks = {
      {"/workloads/load/established", std::uint64_t{300}, std::uint64_t{300}, CheckVerdict::agrees, "", ""},
      {"/workloads/load/failed", Interval{19, 20}, std::uint64_t{21}, CheckVerdict::differs, "a draw", ""},
      {"/binding_limit/place", std::string("a"), std::monostate{}, CheckVerdict::not_determined, "not seen", ""}};
  return validation;
}

Validation not_asked(const std::string& why) {
  Validation validation;
  validation.not_asked = why;
  return validation;
}

Scenario named() {
  Scenario scenario;
  scenario.name = "small";
  return scenario;
}

}  // namespace

TEST_CASE("validation as JSON has the contract's keys") {
  const auto report = report::make_validation_report(named(), found());
  const json parsed = json::parse(report::validation_json(report));
  CHECK(parsed.at("format") == "netlimits.validate/1");
  CHECK(parsed.at("kernel") == "6.18.44");
  CHECK(parsed.at("verdict") == "differs");
  CHECK(parsed.at("checks").at(0) == json{{"metric", "/workloads/load/established"},
                                          {"predicted", 300},
                                          {"observed", 300},
                                          {"verdict", "agrees"},
                                          {"what", ""},
                                          {"why", ""}});
  CHECK(parsed.at("checks").at(1).at("predicted") == json{{"min", 19}, {"max", 20}});
  CHECK(parsed.at("checks").at(2).at("observed") == nullptr);
}

TEST_CASE("each check is a test point, and what is not determined is skipped") {
  const auto report = report::make_validation_report(named(), found(), "small.json");
  CHECK(report::validation_tap(std::vector{report}) ==
        "TAP version 13\n1..3\n# netlimits 0.1.0, seed 1, kernel 6.18.44\nok 1 - /workloads/load/established\n"
        "not ok 2 - /workloads/load/failed\n  ---\n  message: \"predicted 19 to 20, observed 21: a draw\"\n"
        "  details: \"differs from Linux 6.18.44: 1 of 3 checks, 1 not determined\"\n  ...\n"
        "ok 3 - /binding_limit/place # SKIP predicted a, observed -: not seen\n");
  CHECK(report::validation_junit(std::vector{report}).find("failures=\"1\" skipped=\"1\"") != std::string::npos);
  CHECK(report::validation_github(std::vector{report}).find("::error file=small.json,title=small") == 0);
}

TEST_CASE("a kernel that could not be asked gives no check and says why") {
  const auto report = report::make_validation_report(named(), not_asked("no user namespaces"));
  CHECK(report.verdict == CheckVerdict::not_determined);
  const json parsed = json::parse(report::validation_json(report));
  CHECK(parsed.at("kernel") == nullptr);
  CHECK(parsed.at("why") == "no user namespaces");
  CHECK(parsed.at("verdict") == "not_determined");
  CHECK(report::validation_text(report, {}) ==
        "small the kernel could not be asked: no user namespaces\n\nnetlimits 0.1.0, seed 1\n");
  CHECK(report::validation_tap(std::vector{report}).find("# SKIP no user namespaces") != std::string::npos);
}

TEST_CASE("the page of a validation has a row for each check") {
  const std::vector reports{report::make_validation_report(named(), found())};
  const std::string page = report::validation_html(reports);
  CHECK(page.find("<p class=\"verdict bad\">differs from Linux 6.18.44: 1 of 3 checks, 1 not determined</p>") !=
        std::string::npos);
  CHECK(page.find("<tr><td>/workloads/load/failed</td><td class=\"number\">19 to 20</td><td class=\"number\">21</td>"
                  "<td>differs</td><td>a draw</td></tr>") != std::string::npos);
}

TEST_CASE("Markdown has a row for each scenario and all checks below") {
  Validation one = found();
  one.checks.push_back(
      {"/binding_limit/limit", std::string("a"), std::string("ephemeral_ports"), CheckVerdict::agrees});
  const std::vector reports{report::make_validation_report(named(), one),
                            report::make_validation_report(named(), not_asked("no user namespaces"))};
  const std::string page = report::validation_markdown(reports);
  CHECK(page.find("| small | 300 | 300 | 19 to 20 | 21 | ephemeral\\_ports | **differs: 2 of 4 checks** |\n") !=
        std::string::npos);
  CHECK(page.find("| small | | | | | | not_determined: no user namespaces |\n") != std::string::npos);
  CHECK(page.find("<details><summary>small differs from Linux 6.18.44: 1 of 4 checks, 1 not determined</summary>") !=
        std::string::npos);
  CHECK(page.find("| /workloads/load/failed | 19 to 20 | 21 | differs | a draw |\n") != std::string::npos);
}

TEST_CASE("Markdown tells several workloads of one scenario apart") {
  Validation several;
  several.kernel = "6.18.44";
  for (const char* name : {"a", "b"}) {
    several.checks.push_back(
        {std::string("/workloads/") + name + "/established", std::uint64_t{5}, std::uint64_t{5}, CheckVerdict::agrees});
  }
  CHECK(report::validation_markdown(std::vector{report::make_validation_report(named(), several)})
            .find("| small | a: 5<br>b: 5 | a: 5<br>b: 5 |  |  |") != std::string::npos);
}
