// Judges the claims, and hands the formats of test harnesses their test points.
#include "report/run_report.hpp"

#include <fmt/format.h>

#include <utility>

#include "report/forms/escaping.hpp"
#include "report/sentence/verdict_sentence.hpp"

namespace netlimits::report {
namespace {

std::vector<TestPoint> all_points(std::span<const RunReport> reports) {
  std::vector<TestPoint> points;
  for (const RunReport& report : reports) {
    for (TestPoint& point : test_points(report)) points.push_back(std::move(point));
  }
  return points;
}

}  // namespace

std::string_view name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::holds:
      return "holds";
    case Verdict::fails:
      return "fails";
    case Verdict::unchecked:
      return "unchecked";
  }
  return "unchecked";
}

RunReport make_run_report(const Scenario& scenario, RunResult result, std::optional<analysis::Capacity> capacity,
                          std::string file) {
  RunReport report{
      .file = std::move(file), .on = rests_on(scenario), .result = std::move(result), .capacity = std::move(capacity)};
  report.on.seed = report.result.seed;
  report.summary = verdict_sentence(scenario, report.result, report.capacity ? &*report.capacity : nullptr);
  report.ways = way_picture(scenario, &report.result,
                            report.result.binding ? std::vector{*report.result.binding} : std::vector<PlacedLimit>{});
  report.expectations = evaluate(scenario.expect, run_json(report), report.capacity ? &*report.capacity : nullptr);
  if (report.expectations.empty()) return report;
  report.verdict = Verdict::holds;
  for (const ExpectationResult& expectation : report.expectations) {
    if (!expectation.holds) report.verdict = Verdict::fails;
  }
  return report;
}

bool breaks_unclaimed(const RunReport& report) {
  return report.strict && report.verdict == Verdict::unchecked && report.result.binding;
}

std::vector<TestPoint> test_points(const RunReport& report) {
  std::vector<TestPoint> points;
  // No point at all would look like all is well.
  const PointOutcome unclaimed = breaks_unclaimed(report) ? PointOutcome::failed : PointOutcome::ok;
  if (report.expectations.empty())
    points.push_back({.suite = report.on.scenario_name,
                      .name = report.strict ? "nothing breaks" : "nothing is expected",
                      .outcome = report.strict ? unclaimed : PointOutcome::skipped,
                      .message = report.strict && unclaimed == PointOutcome::ok ? std::string{} : report.summary,
                      .file = report.file,
                      .rests_on = basis_line(report.on, Hashes::whole)});
  for (const ExpectationResult& expectation : report.expectations) {
    points.push_back({.suite = report.on.scenario_name,
                      .name = expectation.name,
                      .outcome = expectation.holds ? PointOutcome::ok : PointOutcome::failed,
                      .message = expectation.why,
                      .details = expectation.holds ? std::string{} : report.summary,
                      .file = report.file,
                      .rests_on = basis_line(report.on, Hashes::whole)});
  }
  return points;
}

std::string run_junit(std::span<const RunReport> reports) { return junit(all_points(reports)); }
std::string run_tap(std::span<const RunReport> reports) { return tap(all_points(reports)); }

std::string run_github(std::span<const RunReport> reports) { return github(all_points(reports)); }

std::string run_markdown(std::span<const RunReport> reports) {
  std::string text;
  for (const RunReport& report : reports) {
    const std::string points = markdown(test_points(report));
    if (report.expectations.empty() && !report.strict) {
      text += fmt::format("### {}\n\n", markdown_text(report.on.scenario_name));
    } else {
      text += points + "\n";
    }
    text += markdown_text(report.summary) + "\n\n";
    text += markdown_text(basis_line(report.on, Hashes::cut)) + "\n\n";
  }
  if (text.ends_with("\n\n")) text.pop_back();
  return text;
}

}  // namespace netlimits::report
