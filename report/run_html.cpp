// A replayed scenario as a section of an HTML page: sentence, claims, tables.
#include <fmt/format.h>

#include "report/forms/escaping.hpp"
#include "report/forms/html_page.hpp"
#include "report/forms/number_text.hpp"
#include "report/run_report.hpp"
#include "report/run_tables.hpp"

namespace netlimits::report {
namespace {

const char* class_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return "ok";
    case Verdict::fails:
      return "bad";
    case Verdict::unchecked:
      return "unknown";
  }
  return "unknown";
}

std::string expectations_html(const RunReport& report) {
  if (breaks_unclaimed(report)) return "<p class=\"bad\">Something breaks (--strict).</p>\n";
  if (report.expectations.empty()) return {};
  std::string text = "<ul>\n";
  for (const ExpectationResult& expectation : report.expectations) {
    text += fmt::format("<li><span class=\"{}\">{}</span> {}{}</li>\n", expectation.holds ? "ok" : "bad",
                        expectation.holds ? "holds" : "FAILS", html_text(expectation.name),
                        expectation.holds ? std::string{} : "<br>" + html_text(expectation.why));
  }
  return text + "</ul>\n";
}

std::string section_of(const RunReport& report) {
  std::string text = fmt::format(
      "<section>\n<h2>{}</h2>\n<p class=\"verdict\">{}</p>\n<p>Expectations: <span class=\"{}\">{}</span>. Seed {}, "
      "ended "
      "at {}.</p>\n",
      html_text(report.on.scenario_name), html_text(report.summary), class_of(report.verdict), name_of(report.verdict),
      report.result.seed, seconds_text(report.result.ended_at.time_since_epoch()));
  text += expectations_html(report);
  for (const Table& table : run_tables(report.result)) text += table.html();
  return text + fmt::format("<p>{}</p>\n</section>\n", html_text(basis_line(report.on, Hashes::whole)));
}

}  // namespace

std::string run_html(std::span<const RunReport> reports) {
  std::string body;
  for (const RunReport& report : reports) body += section_of(report);
  return html_page(reports.size() == 1 ? reports.front().on.scenario_name : "netlimits run", body);
}

}  // namespace netlimits::report
