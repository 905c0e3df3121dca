// The JSON, text and page of a comparison; its checks as test points for the other formats.
#include "report/validation_report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "report/forms/colour.hpp"
#include "report/forms/escaping.hpp"
#include "report/forms/html_page.hpp"
#include "report/forms/json_text.hpp"
#include "report/forms/number_text.hpp"
#include "report/forms/table.hpp"
#include "report/validation_words.hpp"

namespace netlimits::report {
namespace {

using analysis::Check;
using analysis::CheckVerdict;
using nlohmann::json;

json json_of_figure(const analysis::Figure& figure) {
  if (const auto* count = std::get_if<std::uint64_t>(&figure)) return *count;
  if (const auto* interval = std::get_if<analysis::Interval>(&figure)) return json_of(*interval);
  if (const auto* words = std::get_if<std::string>(&figure)) return *words;
  if (const auto* place = std::get_if<Place>(&figure)) return place->text();
  return nullptr;
}

std::string message_of(const Check& check) {
  if (check.verdict == CheckVerdict::agrees) return {};
  std::string text = fmt::format("predicted {}, observed {}", text_of(check.predicted), text_of(check.observed));
  if (const std::string more = explanation(check); !more.empty()) text += ": " + more;
  return text;
}

std::vector<TestPoint> all_points(std::span<const ValidationReport> reports) {
  std::vector<TestPoint> points;
  for (const ValidationReport& report : reports) {
    for (TestPoint& point : test_points(report)) points.push_back(std::move(point));
  }
  return points;
}

Table checks_table(const ValidationReport& report) {
  Table table({{"metric"}, {"predicted", Align::right}, {"observed", Align::right}, {"verdict"}, {"why"}});
  for (const Check& check : report.found.checks) {
    table.add(
        {check.metric, text_of(check.predicted), text_of(check.observed), name_of(check.verdict), explanation(check)});
  }
  return table;
}

const char* class_of(const ValidationReport& report) {
  if (report.verdict == CheckVerdict::differs) return "bad";
  return report.verdict == CheckVerdict::agrees ? "ok" : "unknown";
}

}  // namespace

ValidationReport make_validation_report(const Scenario& scenario, analysis::Validation validation, std::string file) {
  ValidationReport report{
      .file = std::move(file), .on = rests_on(scenario), .verdict = analysis::overall(validation.checks)};
  report.found = std::move(validation);
  report.on.kernel = report.found.kernel;
  return report;
}

std::string validation_json(const ValidationReport& report) {
  json made{{"format", "netlimits.validate/1"}, {"kernel", report.found.kernel},
            {"summary", headline(report)},      {"checks", json::array()},
            {"remarks", report.found.remarks},  {"verdict", name_of(report.verdict)}};
  put_basis(made, report.on);
  if (report.found.kernel.empty()) made["kernel"] = nullptr;
  if (!report.found.not_asked.empty()) made["why"] = report.found.not_asked;
  for (const Check& check : report.found.checks) {
    json& written = made["checks"].emplace_back(json{{"metric", check.metric},
                                                     {"predicted", json_of_figure(check.predicted)},
                                                     {"observed", json_of_figure(check.observed)},
                                                     {"verdict", name_of(check.verdict)},
                                                     {"what", check.what},
                                                     {"why", check.why}});
    if (const auto* place = std::get_if<Place>(&check.predicted)) written["predicted_parts"] = json_of(*place);
    if (const auto* place = std::get_if<Place>(&check.observed)) written["observed_parts"] = json_of(*place);
  }
  return json_bytes(made);
}

std::string validation_text(const ValidationReport& report, const TextStyle& style) {
  std::string text = strong(text_line(report.on.scenario_name + " " + headline(report)), style) + "\n";
  for (const std::string& remark : report.found.remarks) text += "  " + text_line(remark) + "\n";
  const Table table = checks_table(report);
  if (!table.empty()) text += fmt::format("\n{}", table.text(style));
  return text + fmt::format("\n{}\n", text_line(basis_line(report.on, Hashes::cut)));
}

std::string check_text(const Check& check) {
  const std::string message = message_of(check);
  return message.empty() ? check.metric : fmt::format("{}: {}", check.metric, message);
}

std::vector<TestPoint> test_points(const ValidationReport& report) {
  if (!report.found.not_asked.empty()) {
    return {{.suite = report.on.scenario_name,
             .name = "on this machine's kernel",
             .outcome = PointOutcome::skipped,
             .message = report.found.not_asked,
             .file = report.file,
             .rests_on = basis_line(report.on, Hashes::whole)}};
  }
  std::vector<TestPoint> points;
  for (const Check& check : report.found.checks) {
    const PointOutcome outcome = check.verdict == CheckVerdict::agrees    ? PointOutcome::ok
                                 : check.verdict == CheckVerdict::differs ? PointOutcome::failed
                                                                          : PointOutcome::skipped;
    points.push_back({.suite = report.on.scenario_name,
                      .name = check.metric,
                      .outcome = outcome,
                      .message = message_of(check),
                      .details = outcome == PointOutcome::failed ? headline(report) : std::string{},
                      .file = report.file,
                      .rests_on = basis_line(report.on, Hashes::whole)});
  }
  return points;
}

std::string validation_junit(std::span<const ValidationReport> reports) { return junit(all_points(reports)); }
std::string validation_tap(std::span<const ValidationReport> reports) { return tap(all_points(reports)); }
std::string validation_github(std::span<const ValidationReport> reports) { return github(all_points(reports)); }

std::string validation_html(std::span<const ValidationReport> reports) {
  std::string body;
  for (const ValidationReport& report : reports) {
    body += fmt::format("<section>\n<h2>{}</h2>\n<p class=\"verdict {}\">{}</p>\n", html_text(report.on.scenario_name),
                        class_of(report), html_text(headline(report)));
    for (const std::string& remark : report.found.remarks) body += "<p>" + html_text(remark) + "</p>\n";
    body += checks_table(report).html();
    body += fmt::format("<p>{}</p>\n</section>\n", html_text(basis_line(report.on, Hashes::whole)));
  }
  return html_page(reports.size() == 1 ? reports.front().on.scenario_name : "netlimits validate", body);
}

}  // namespace netlimits::report
