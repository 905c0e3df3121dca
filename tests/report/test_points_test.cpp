// What each format escapes, and how it groups suites.
#include "report/forms/test_points.hpp"

#include "report/forms/escaping.hpp"
#include "report/forms/html_page.hpp"

#include "tests/catch.hpp"

using namespace netlimits::report;

namespace {

std::vector<TestPoint> points() {
  return {{.suite = "one", .name = "fine", .file = "a,b.json"},
          {.suite = "one",
           .name = "wrong <&> #1",
           .outcome = PointOutcome::failed,
           .message = "expected \"1\", got 2",
           .details = "line\nline",
           .file = "a,b.json"},
          {.suite = "two", .name = "open", .outcome = PointOutcome::skipped, .message = "no privilege"}};
}

}  // namespace

TEST_CASE("JUnit has a suite for each scenario, a case for each point, and escapes what XML minds") {
  CHECK(junit(points()) ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuites name=\"netlimits\" tests=\"3\" failures=\"1\" skipped=\"1\" errors=\"0\">\n"
        "  <testsuite name=\"one\" tests=\"2\" failures=\"1\" skipped=\"0\" errors=\"0\">\n"
        "    <testcase classname=\"one\" name=\"fine\" file=\"a,b.json\" />\n"
        "    <testcase classname=\"one\" name=\"wrong &lt;&amp;> #1\" file=\"a,b.json\">\n"
        "      <failure message=\"expected &quot;1&quot;, got 2\">line\nline</failure>\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        "  <testsuite name=\"two\" tests=\"1\" failures=\"0\" skipped=\"1\" errors=\"0\">\n"
        "    <testcase classname=\"two\" name=\"open\">\n"
        "      <skipped message=\"no privilege\" />\n"
        "    </testcase>\n"
        "  </testsuite>\n"
        "</testsuites>\n");
  CHECK(junit(std::vector<TestPoint>{{.suite = "s", .name = "bell \x07"}}).find("bell ?") != std::string::npos);
}

TEST_CASE("TAP numbers its points, names the suite when there are several, and skips with a reason") {
  CHECK(tap(points()) ==
        "TAP version 13\n1..3\n"
        "ok 1 - one: fine\n"
        "not ok 2 - one: wrong <&> \\#1\n"
        "  ---\n  message: \"expected \\\"1\\\", got 2\"\n  details: \"line\\nline\"\n  ...\n"
        "ok 3 - two: open # SKIP no privilege\n");
  CHECK(tap(std::vector<TestPoint>{{.suite = "s", .name = "n"}}) == "TAP version 13\n1..1\nok 1 - n\n");
  CHECK(tap({}) == "TAP version 13\n1..0 # SKIP nothing to check\n");
}

TEST_CASE("annotations escape what workflow commands mind") {
  CHECK(github(points()) ==
        "::error file=a%2Cb.json,title=one%3A wrong <&> #1::expected \"1\", got 2%0Aline%0Aline\n"
        "::notice file=a%2Cb.json,title=one::1 of 2 hold\n"
        "::notice title=two::0 of 1 hold, 1 not determined\n");
}

TEST_CASE("Markdown is a table for each suite and means what it says") {
  CHECK(markdown(points()) ==
        "### one: 1 of 2 hold\n\n| | check | why |\n| --- | --- | --- |\n"
        "| ok | fine |  |\n| **fails** | wrong \\<&\\> #&#8203;1 | expected \"1\", got 2 |\n\n"
        "### two: 0 of 1 hold, 1 not determined\n\n| | check | why |\n| --- | --- | --- |\n"
        "| skipped | open | no privilege |\n");
  CHECK(markdown_text("a|b\nc*") == "a\\|b c\\*");
}

TEST_CASE("a page has a section for each suite and escapes what HTML minds") {
  CHECK(html(points()) ==
        "<section>\n<h2>one</h2>\n<p class=\"verdict bad\">1 of 2 hold</p>\n"
        "<div class=\"scroll\" tabindex=\"0\"><table>\n<tr><th>check</th><th>outcome</th><th>why</th></tr>\n"
        "<tr><td>fine</td><td>ok</td><td></td></tr>\n"
        "<tr><td>wrong &lt;&amp;&gt; #1</td><td>FAILS</td><td>expected &quot;1&quot;, got 2</td></tr>\n"
        "</table></div>\n</section>\n"
        "<section>\n<h2>two</h2>\n<p class=\"verdict ok\">0 of 1 hold, 1 not determined</p>\n"
        "<div class=\"scroll\" tabindex=\"0\"><table>\n<tr><th>check</th><th>outcome</th><th>why</th></tr>\n"
        "<tr><td>open</td><td>skipped</td><td>no privilege</td></tr>\n"
        "</table></div>\n</section>\n");
  CHECK(html({}).empty());
  const std::string page = html_page("a <title>", "<p>body</p>\n");
  CHECK(page.find("<title>a &lt;title&gt;</title>") != std::string::npos);
  CHECK(page.find("<body>\n<main>\n<h1>a &lt;title&gt;</h1>\n<p>body</p>\n</main>\n") != std::string::npos);
  CHECK(html_text("bell \x07 &\n") == "bell ? &amp;\n");
}
