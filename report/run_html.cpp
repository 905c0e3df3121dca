// A replayed scenario as a section of an HTML page: sentence, claims, tables.
#include <fmt/format.h>

#include <vector>

#include "report/charts/course_chart.hpp"
#include "report/charts/headroom_bars.hpp"
#include "report/charts/ladder_chart.hpp"
#include "report/charts/way_picture.hpp"
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

// As a shell takes it.
std::string shell_word(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

std::string repeat_words(const RestsOn& on) {
  std::string words = fmt::format("netlimits run SCENARIO --seed {}", on.seed);
  for (const std::string& one : on.basis.overrides) words += fmt::format(" --set {}", shell_word(one));
  return words;
}

std::string section_of(const RunReport& report, std::size_t index, std::size_t sections) {
  std::string text = section_begin(report.on.scenario_name, index, sections);
  text += fmt::format(
      "<p class=\"verdict\">{}</p>\n<p>Expectations: <span class=\"{}\">{}</span>. Seed {}, ended at {}.</p>\n",
      html_text(report.summary), class_of(report.verdict), name_of(report.verdict), report.result.seed,
      seconds_text(report.result.ended_at.time_since_epoch()));
  text += expectations_html(report);
  text += way_section(report.ways, section_name(index));
  text += headroom_bars(report.result.limits);
  if (report.capacity) text += ladder_chart(*report.capacity);
  text += course_charts(report.result);
  text += "<h3>All figures</h3>\n";
  for (const Table& table : run_tables(report.result)) text += table.html();
  return text + fmt::format("<h3>What it rests on</h3>\n<p>{}</p>\n<p>To repeat it: <code>{}</code></p>\n</section>\n",
                            html_text(basis_line(report.on, Hashes::whole)), html_text(repeat_words(report.on)));
}

std::string contents_of_runs(std::span<const RunReport> reports) {
  std::vector<PageEntry> entries;
  for (const RunReport& report : reports) {
    const bool fails = report.verdict == Verdict::fails || breaks_unclaimed(report);
    entries.push_back({report.on.scenario_name, report.summary,
                       fails                              ? "FAILS"
                       : report.verdict == Verdict::holds ? "holds"
                                                          : ""});
  }
  return contents_of(entries);
}

}  // namespace

std::string run_html(std::span<const RunReport> reports) {
  std::string body = reports.size() > 1 ? contents_of_runs(reports) : std::string{};
  for (std::size_t i = 0; i < reports.size(); ++i) body += section_of(reports[i], i, reports.size());
  return html_page(reports.size() == 1 ? reports.front().on.scenario_name : "netlimits run", body);
}

}  // namespace netlimits::report
