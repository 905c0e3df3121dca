// One script of each verdict, in every format.
#include "report/script_report.hpp"

#include <string>
#include <utility>
#include <vector>

#include "tests/catch.hpp"

namespace netlimits::report {
namespace {

using analysis::ScriptFinding;
using analysis::ScriptVerdict;

ScriptReport report_of(std::string name, ScriptFinding finding) {
  ScriptReport report;
  report.file = "a.json";
  report.name = std::move(name);
  report.finding = std::move(finding);
  return report;
}

std::vector<ScriptReport> one_of_each() {
  ScriptFinding parted;
  parted.verdict = ScriptVerdict::disagree;
  parted.pointer = "/scripts/1/steps/3";
  parted.call = "bind b 127.0.0.1 7000";
  parted.expected = "EADDRINUSE";
  parted.model = "ok";
  parted.kernel = "EADDRINUSE";
  parted.rule = "bind.conflict";
  ScriptFinding failed = parted;
  failed.verdict = ScriptVerdict::fails;
  failed.kernel.clear();
  ScriptFinding silent;
  silent.verdict = ScriptVerdict::not_run;
  silent.kernel_not_run = "no sandbox";
  return {report_of("g/good", {}), report_of("g/parted", parted), report_of("g/failed", failed),
          report_of("g/silent", silent)};
}

TEST_CASE("text has a line for each script, and the differing step under it") {
  CHECK(script_text(one_of_each(), ScriptEngines::both, {}) ==
        "ok g/good\n"
        "not ok g/parted\n"
        "    model and kernel disagree at /scripts/1/steps/3: bind b 127.0.0.1 7000\n"
        "      expected: EADDRINUSE\n"
        "      model:    ok\n"
        "      kernel:   EADDRINUSE\n"
        "      rule:     bind.conflict\n"
        "not ok g/failed\n"
        "    not as expected at /scripts/1/steps/3: bind b 127.0.0.1 7000\n"
        "      expected: EADDRINUSE\n"
        "      model:    ok\n"
        "      rule:     bind.conflict\n"
        "not run g/silent  (not on the kernel: no sandbox)\n"
        "1 of 4 scripts hold on the model and on the kernel; model and kernel disagree on 1; 1 not as expected; "
        "1 not run\n");
}

TEST_CASE("a script that differed at first holds where it agreed when repeated, and the report says so") {
  ScriptFinding late;
  late.differed_before = 1;
  const std::vector<ScriptReport> reports{report_of("g/late", late)};
  CHECK(script_text(reports, ScriptEngines::both, {}) ==
        "ok g/late  (differed at first, agreed when repeated: a matter of moments)\n"
        "1 of 1 script hold on the model and on the kernel; 1 differed at first and agreed when repeated\n");
  CHECK(script_json(reports, ScriptEngines::both).find("\"differed_before\": 1") != std::string::npos);
  CHECK(script_tap(reports).find("\nok 1 - ") != std::string::npos);
}

TEST_CASE("TAP numbers one point a script and skips what nobody ran") {
  const std::string text = script_tap(one_of_each());
  CHECK(text.find("1..4\n") != std::string::npos);
  CHECK(text.find("\nok 1 - g/good\n") != std::string::npos);
  CHECK(text.find("\nnot ok 2 - g/parted\n") != std::string::npos);
  CHECK(text.find("ok 4 - g/silent # SKIP") != std::string::npos);
}

TEST_CASE("JSON names the verdict of each script and of all") {
  const std::string text = script_json(one_of_each(), ScriptEngines::both);
  CHECK(text.find("\"format\": \"netlimits.script/1\"") != std::string::npos);
  CHECK(text.find("\"verdict\": \"disagree\"") != std::string::npos);
  CHECK(text.find("\"rule\": \"bind.conflict\"") != std::string::npos);
  CHECK(text == script_json(one_of_each(), ScriptEngines::both));
}

TEST_CASE("JUnit counts failures and skipped scripts") {
  const std::string text = script_junit(one_of_each());
  CHECK(text.find("tests=\"4\" failures=\"2\" skipped=\"1\"") != std::string::npos);
}

TEST_CASE("what holds on the model alone is no point that passed") {
  ScriptFinding alone;
  alone.kernel_not_run = "host a is windows, this kernel is Linux";
  const std::vector<ScriptReport> reports{report_of("g/alone", alone)};
  CHECK(script_tap(reports).find("ok 1 - g/alone # SKIP not on the kernel: host a is windows, this kernel is Linux") !=
        std::string::npos);
  CHECK(script_junit(reports).find("<skipped message=\"not on the kernel: host a is windows") != std::string::npos);
}

TEST_CASE("a script that is wrong has failed in every form, beside those that hold") {
  ScriptReport wrong = report_of("g/wrong", {});
  wrong.refused = "a.json:3:5: /scripts/1/steps/0/option: expected SO_LINGER, found \"SO_LINGR\"";
  const std::vector<ScriptReport> reports{report_of("g/good", {}), wrong};
  const std::string text = script_text(reports, ScriptEngines::model, {});
  CHECK(text.find("ok g/good\nrefused g/wrong\n    a.json:3:5: /scripts/1/steps/0/option: ") != std::string::npos);
  CHECK(text.find("1 of 2 scripts hold on the model; 1 refused\n") != std::string::npos);
  CHECK(script_tap(reports).find("not ok 2 - g/wrong") != std::string::npos);
  CHECK(script_junit(reports).find("tests=\"2\" failures=\"1\" skipped=\"0\"") != std::string::npos);
  const std::string json = script_json(reports, ScriptEngines::model);
  CHECK(json.find("\"verdict\": \"refused\"") != std::string::npos);
  CHECK(json.find("/scripts/1/steps/0/option") != std::string::npos);
}

TEST_CASE("JSON names the profile that predicted and the kernel that was asked") {
  const std::string text = script_json(one_of_each(), ScriptEngines::both, {"linux-6.18", "Linux 6.18", "6.18.44"});
  CHECK(text.find("\"profile\": \"linux-6.18\"") != std::string::npos);
  CHECK(text.find("\"kernel\": \"6.18.44\"") != std::string::npos);
  CHECK(script_json(one_of_each(), ScriptEngines::model).find("\"kernel\": null") != std::string::npos);
}

}  // namespace
}  // namespace netlimits::report
