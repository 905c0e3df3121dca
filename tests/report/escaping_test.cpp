// Each form's own function, on one list of texts that try to steer their reader.
#include "report/forms/escaping.hpp"

#include <pugixml.hpp>

#include "report/forms/json_text.hpp"
#include "report/forms/table.hpp"
#include "report/forms/test_points.hpp"
#include "report/profile_report.hpp"
#include "report/script_report.hpp"
#include "report/validation_report.hpp"
#include "tests/catch.hpp"
#include "tests/hostile_strings.hpp"

using namespace netlimits;
using namespace netlimits::report;
using tests::alive_in_markdown;
using tests::hostile_strings;
using tests::steering;

namespace {

// Bytes that are not UTF-8 come from file names and from what kernels print.
std::vector<std::string> hostile_bytes() {
  std::vector<std::string> all = hostile_strings();
  all.insert(all.end(), {"latin \xe9", "\xff\xfe", "cut \xe2\x82", "\xed\xa0\x80", "\xc0\xaf"});
  return all;
}

std::vector<TestPoint> points_of(const std::string& text) {
  return {
      {.suite = text, .name = text, .outcome = PointOutcome::failed, .message = text, .details = text, .file = text},
      {.suite = text, .name = text, .outcome = PointOutcome::skipped, .message = text, .file = text},
      {.suite = text + "2", .name = text, .message = text}};
}

std::size_t lines_in(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("the check of the tests itself sees what steers") {
  for (const char* text : {"\x1b[1m", "a\rb", "\x7f", "\u0085", "\u202e", "\u2029", "\ufffe", "\U0001ffff", "\xff",
                           "x\n::error::y", "::add-mask::y", "x ##vso[y", "--- x", "\u2066"})
    CHECK_FALSE(steering(text).empty());
  for (const char* text : {"plain\n", "::1 [::1]:80", "\\u001b", "\u00fc \U0001f600", "a --- b"})
    CHECK(steering(text).empty());
  for (const char* text : {"@a", "#1", "https://x", "www.x", "~~x~~", "<b>", "[a](b)"})
    CHECK_FALSE(alive_in_markdown(text).empty());
}

TEST_CASE("no form of a text steers its reader, and each stays on one line") {
  for (const std::string& text : hostile_bytes()) {
    CAPTURE(text);
    for (const std::string& form : {text_line(text), markdown_text(text), markdown_html_text(text), xml_line(text),
                                    tap_text(text), tap_scalar(text), command_data(text), command_property(text)}) {
      CHECK(steering(form).empty());
      CHECK(form.find('\n') == std::string::npos);
    }
    CHECK(steering(html_text(text)).empty());
    CHECK(steering(xml_lines(text)).empty());
    CHECK(text_line(text_line(text)) == text_line(text));
  }
}

TEST_CASE("JSON keeps every character, escaped") {
  for (const std::string& text : hostile_strings()) {
    const std::string bytes = json_bytes({{"text", text}});
    CHECK(steering(bytes).empty());
    CHECK(nlohmann::json::parse(bytes).at("text") == text);
  }
  CHECK(json_line("a\u202e\u009b\x7f##[b \U0001fffe ##") == R"("a\u202e\u009b\u007f\u0023#[b \ud83f\udffe ##")");
}

TEST_CASE("addresses, places and figures stay as they are") {
  for (const std::string text :
       {"client-3 10.0.0.5 -> 10.1.0.9:443", "::1 -> [::1]:443", "::ffff:10.0.0.1", "::cafe", "2001:db8::9",
        "fd00:a:b:c::1", "28,232 to 28,233", "-", "+", "28.232 s", "#", "a - b", "100.0 %", "1.5"}) {
    CHECK(text_line(text) == text);
    CHECK(tap_text(text) == (text == "#" ? "\\#" : text));
    if (text.find_first_of("[>") == std::string::npos) CHECK(markdown_text(text) == text);
  }
  CHECK(text_line("::error::x") == ":\\:error::x");
  CHECK(text_line("##[error]x") == "#\\#[error]x");
  CHECK(text_line("--- x") == "\\--- x");
}

TEST_CASE("Markdown mentions nobody, refers to nothing, links nothing and strikes nothing through") {
  for (const std::string& text : hostile_bytes()) {
    CAPTURE(text);
    CHECK(alive_in_markdown(markdown_text(text)).empty());
    CHECK(alive_in_markdown(markdown(points_of(text))).empty());
    Table table({{text}});
    table.add({text});
    CHECK(alive_in_markdown(table.markdown()).empty());
  }
  CHECK(markdown_text("@me ~~x~~ #1 http://a www.b") ==
        "@&#8203;me \\~\\~x\\~\\~ #&#8203;1 http:&#8203;//a www&#8203;.b");
  CHECK(markdown_text("_www.a") == "\\_www&#8203;.a");
  CHECK(markdown_text("# a") == "\\# a");
  CHECK(markdown_text("- a") == "\\- a");
  CHECK(markdown_text("1. a") == "1\\. a");
  CHECK(markdown_text("    code") == "code");
  CHECK(markdown_text("a & b &lt; \u00fc") == "a & b \\&lt; \u00fc");
  CHECK(markdown_html_text("<b> @me https://x *\u00fc*") == "&lt;b&gt; @&#8203;me https:&#8203;//x &#42;\u00fc&#42;");
}

TEST_CASE("JUnit is well-formed whatever the names are") {
  for (const std::string& text : hostile_bytes()) {
    CAPTURE(text);
    const std::string xml = junit(points_of(text));
    CHECK(steering(xml).empty());
    pugi::xml_document document;
    REQUIRE(document.load_buffer(xml.data(), xml.size(), pugi::parse_full, pugi::encoding_utf8));
    const pugi::xml_node point = document.child("testsuites").child("testsuite").child("testcase");
    CHECK(point.attribute("name").value() == text_line(text));
  }
}

TEST_CASE("TAP and annotations have as many lines as points make") {
  for (const std::string& text : hostile_bytes()) {
    CAPTURE(text);
    const std::string points = tap(points_of(text));
    CHECK(steering(points).empty());
    CHECK(lines_in(points) == 2 + 3 + 4);
    const std::string commands = github(points_of(text));
    CHECK(lines_in(commands) == 1 + 2);
    std::size_t at = 0;
    for (std::size_t end = commands.find('\n'); end != std::string::npos; end = commands.find('\n', at)) {
      const std::string line = commands.substr(at, end - at);
      CHECK((line.starts_with("::error ") || line.starts_with("::notice ")));
      CHECK(steering("x" + line).empty());
      at = end + 1;
    }
  }
}

TEST_CASE("tables and pages have no more rows than they were given") {
  for (const std::string& text : hostile_bytes()) {
    CAPTURE(text);
    Table table({{text}, {text, Align::right}});
    table.add({text, text});
    CHECK(steering(table.text({})).empty());
    CHECK(lines_in(table.text({})) == 2);
    CHECK(lines_in(table.markdown()) == 3);
    CHECK(steering(table.html()).empty());
    CHECK(table.html().find("<script") == std::string::npos);
    CHECK(steering(html(points_of(text))).empty());
  }
}

TEST_CASE("comparisons, scripts and profiles with such names steer nobody in any form") {
  for (const std::string& text : hostile_bytes()) {
    CAPTURE(text);
    Scenario scenario;
    scenario.name = text;
    analysis::Validation found;
    found.kernel = text;
    found.remarks = {text};
    found.checks = {{text, text, text, analysis::CheckVerdict::differs, text, text}};
    const std::vector reports{make_validation_report(scenario, found, text)};
    analysis::ScriptFinding finding;
    finding.verdict = analysis::ScriptVerdict::disagree;
    finding.pointer = finding.call = finding.expected = finding.model = finding.kernel = finding.rule = text;
    finding.kernel_not_run = text;
    const std::vector<ScriptReport> scripts{{.file = text, .name = text, .finding = finding}};
    const ProfileText profile{text, text, text, {{text, text, {text, text}}}};
    for (const std::string& output :
         {validation_text(reports.front(), {}), validation_json(reports.front()), validation_junit(reports),
          validation_tap(reports), validation_markdown(reports), validation_html(reports),
          script_text(scripts, ScriptEngines::both, {}), script_json(scripts, ScriptEngines::both),
          script_junit(scripts), script_tap(scripts), script_markdown(scripts), script_html(scripts),
          profile_text(profile), profile_list(std::span(&profile, 1)), profiles_json(std::span(&profile, 1))})
      CHECK(steering(output).empty());
    CHECK(alive_in_markdown(validation_markdown(reports)).empty());
    CHECK(alive_in_markdown(script_markdown(scripts)).empty());
    CHECK(lines_in(profile_list(std::span(&profile, 1))) == 1);
  }
}
