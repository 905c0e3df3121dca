// What is said of one script, how verdicts are counted, and the formats.
#include "report/script_report.hpp"

#include <fmt/format.h>

#include <sstream>
#include <utility>

#include "report/forms/colour.hpp"
#include "report/forms/escaping.hpp"
#include "report/forms/html_page.hpp"
#include "report/forms/json_text.hpp"
#include "report/forms/number_text.hpp"
#include "report/forms/test_points.hpp"

namespace netlimits::report {
namespace {

using analysis::ScriptFinding;
using analysis::ScriptVerdict;

std::string_view word_for(ScriptVerdict verdict) {
  switch (verdict) {
    case ScriptVerdict::holds:
      return "holds";
    case ScriptVerdict::fails:
      return "fails";
    case ScriptVerdict::disagree:
      return "disagree";
    case ScriptVerdict::not_run:
      return "not_run";
  }
  return "";
}

bool refused(const ScriptReport& report) { return !report.refused.empty(); }

bool wrong(const ScriptReport& report) {
  return report.finding.verdict == ScriptVerdict::fails || report.finding.verdict == ScriptVerdict::disagree;
}

std::string first_line(const ScriptFinding& finding) {
  std::string line = finding.verdict == ScriptVerdict::disagree ? "model and kernel disagree" : "not as expected";
  if (!finding.pointer.empty()) line += fmt::format(" at {}", finding.pointer);
  if (!finding.call.empty()) line += fmt::format(": {}", finding.call);
  return line;
}

std::vector<std::string> detail_lines(const ScriptFinding& finding) {
  std::vector<std::string> lines;
  if (!finding.expected.empty()) lines.push_back(fmt::format("expected: {}", finding.expected));
  if (!finding.model.empty()) lines.push_back(fmt::format("model:    {}", finding.model));
  if (!finding.kernel.empty()) lines.push_back(fmt::format("kernel:   {}", finding.kernel));
  if (!finding.rule.empty()) lines.push_back(fmt::format("rule:     {}", finding.rule));
  return lines;
}

// Why one of the executors that were asked said nothing.
std::string why_silent(const ScriptReport& report) {
  std::string why;
  if (!report.finding.model_not_run.empty()) why = fmt::format("not on the model: {}", report.finding.model_not_run);
  if (!report.finding.kernel_not_run.empty()) {
    if (!why.empty()) why += "; ";
    why += fmt::format("not on the kernel: {}", report.finding.kernel_not_run);
  }
  return why;
}

std::vector<TestPoint> points_of(std::span<const ScriptReport> reports) {
  std::vector<TestPoint> points;
  for (const ScriptReport& report : reports) {
    TestPoint point;
    point.suite = report.file;
    point.name = report.name;
    point.file = report.file;
    if (refused(report)) {
      point.outcome = PointOutcome::failed;
      point.message = "the script is wrong and was not run";
      point.details = report.refused;
    } else if (wrong(report)) {
      point.outcome = PointOutcome::failed;
      point.message = first_line(report.finding);
      point.details = fmt::format("{}", fmt::join(detail_lines(report.finding), "\n"));
    } else if (std::string why = why_silent(report); !why.empty()) {
      point.outcome = PointOutcome::skipped;
      point.message = std::move(why);
    }
    points.push_back(std::move(point));
  }
  return points;
}

struct Tally {
  std::size_t holds = 0;
  std::size_t fails = 0;
  std::size_t disagree = 0;
  std::size_t not_run = 0;
  std::size_t model_only = 0;   // hold, but the kernel could not be asked
  std::size_t kernel_only = 0;  // hold, but the model does not know what they do
  std::size_t refused = 0;      // wrong by themselves
  std::size_t of_moments = 0;   // differed, and agreed when they were repeated
};

Tally tally_of(std::span<const ScriptReport> reports) {
  Tally tally;
  for (const ScriptReport& report : reports) {
    if (refused(report)) {
      ++tally.refused;
      continue;
    }
    if (report.finding.differed_before > 0) ++tally.of_moments;
    switch (report.finding.verdict) {
      case ScriptVerdict::holds:
        ++tally.holds;
        if (!report.finding.kernel_not_run.empty()) ++tally.model_only;
        if (!report.finding.model_not_run.empty()) ++tally.kernel_only;
        break;
      case ScriptVerdict::fails:
        ++tally.fails;
        break;
      case ScriptVerdict::disagree:
        ++tally.disagree;
        break;
      case ScriptVerdict::not_run:
        ++tally.not_run;
        break;
    }
  }
  return tally;
}

std::string summary(const Tally& tally, std::size_t all, ScriptEngines engines) {
  std::string line = fmt::format("{} of {} hold", tally.holds, counted(all, "scripts"));
  if (engines == ScriptEngines::both) line += " on the model and on the kernel";
  if (engines == ScriptEngines::model) line += " on the model";
  if (engines == ScriptEngines::kernel) line += " on the kernel";
  if (tally.model_only > 0) line += fmt::format(" ({} of them only on the model)", tally.model_only);
  if (tally.kernel_only > 0) line += fmt::format(" ({} of them only on the kernel)", tally.kernel_only);
  if (tally.disagree > 0) line += fmt::format("; model and kernel disagree on {}", tally.disagree);
  if (tally.fails > 0) line += fmt::format("; {} not as expected", tally.fails);
  if (tally.not_run > 0) line += fmt::format("; {} not run", tally.not_run);
  if (tally.refused > 0) line += fmt::format("; {} refused", tally.refused);
  if (tally.of_moments > 0) line += fmt::format("; {} differed at first and agreed when repeated", tally.of_moments);
  return line;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

nlohmann::json text_or_null(const std::string& text) {
  if (text.empty()) return nullptr;
  return text;
}

}  // namespace

std::string script_text(std::span<const ScriptReport> reports, ScriptEngines engines, const TextStyle& style) {
  std::string text;
  for (const ScriptReport& report : reports) {
    if (refused(report)) {
      text += fmt::format("{} {}\n", bad("refused", style), text_line(report.name));
      for (const std::string& line : lines_of(report.refused)) text += fmt::format("    {}\n", text_line(line));
      continue;
    }
    std::string mark = good("ok", style);
    if (report.finding.verdict == ScriptVerdict::not_run) mark = doubtful("not run", style);
    if (wrong(report)) mark = bad("not ok", style);
    text += fmt::format("{} {}", mark, text_line(report.name));
    if (const std::string why = why_silent(report); !why.empty()) text += fmt::format("  ({})", text_line(why));
    if (report.finding.differed_before > 0) text += "  (differed at first, agreed when repeated: a matter of moments)";
    text += "\n";
    if (!wrong(report)) continue;
    text += fmt::format("    {}\n", text_line(first_line(report.finding)));
    for (const std::string& line : detail_lines(report.finding)) text += fmt::format("      {}\n", text_line(line));
  }
  text += strong(summary(tally_of(reports), reports.size(), engines), style) + "\n";
  return text;
}

std::string script_json(std::span<const ScriptReport> reports, ScriptEngines engines, const KernelBasis& basis) {
  nlohmann::json scripts = nlohmann::json::array();
  for (const ScriptReport& report : reports) {
    const ScriptFinding& finding = report.finding;
    nlohmann::json one{{"name", report.name},
                       {"file", report.file},
                       {"verdict", refused(report) ? "refused" : word_for(finding.verdict)},
                       {"errors", lines_of(report.refused)},
                       {"model_not_run", text_or_null(finding.model_not_run)},
                       {"kernel_not_run", text_or_null(finding.kernel_not_run)},
                       {"left_out", report.left_out},
                       {"differed_before", finding.differed_before},
                       {"difference", nullptr}};
    if (wrong(report)) {
      one["difference"] = {{"step", finding.pointer},
                           {"call", finding.call},
                           {"expected", text_or_null(finding.expected)},
                           {"model", text_or_null(finding.model)},
                           {"kernel", text_or_null(finding.kernel)},
                           {"rule", text_or_null(finding.rule)}};
    }
    scripts.push_back(std::move(one));
  }
  const Tally tally = tally_of(reports);
  std::string verdict = "holds";
  if (tally.fails > 0) verdict = "fails";
  if (tally.disagree > 0) verdict = "disagree";
  if (tally.refused > 0) verdict = "refused";
  const char* asked = engines == ScriptEngines::both ? "both" : (engines == ScriptEngines::model ? "model" : "kernel");
  nlohmann::json made{{"format", "netlimits.script/1"}, {"engines", asked},         {"scripts", std::move(scripts)},
                      {"holds", tally.holds},           {"fails", tally.fails},     {"disagree", tally.disagree},
                      {"not_run", tally.not_run},       {"refused", tally.refused}, {"verdict", verdict}};
  add_basis(made, basis);
  return json_bytes(made);
}

std::string script_junit(std::span<const ScriptReport> reports) { return junit(points_of(reports)); }
std::string script_tap(std::span<const ScriptReport> reports) { return tap(points_of(reports)); }
std::string script_github(std::span<const ScriptReport> reports) { return github(points_of(reports)); }
std::string script_markdown(std::span<const ScriptReport> reports) { return markdown(points_of(reports)); }
std::string script_html(std::span<const ScriptReport> reports) {
  return html_page("netlimits script", html(points_of(reports)));
}

}  // namespace netlimits::report
