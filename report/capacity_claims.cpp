// Words of a claim, then the forms of harnesses, which are those of a run.
#include "report/capacity_claims.hpp"

#include <fmt/format.h>

#include "report/charts/ladder_chart.hpp"
#include "report/forms/escaping.hpp"
#include "report/forms/html_page.hpp"
#include "report/forms/number_text.hpp"

namespace netlimits::report {
namespace {

using analysis::Claimed;
using analysis::JudgedClaim;

bool is_rate(const JudgedClaim& claim) {
  return claim.what == Claimed::sustained || claim.what == Claimed::headroom_of_sustained;
}

std::string rate_words(std::uint64_t thousandths) {
  return fmt::format("{}.{:03} a second", grouped(thousandths / 1000), thousandths % 1000);
}

std::string amount_words(const JudgedClaim& claim, std::uint64_t amount) {
  return is_rate(claim) ? rate_words(amount) : grouped(amount);
}

// "20", "2.5".
std::string percent_words(std::uint64_t thousandths) {
  return thousandths % 10 == 0 ? fmt::format("{}", thousandths / 10)
                               : fmt::format("{}.{}", thousandths / 10, thousandths % 10);
}

std::vector<TestPoint> claim_points(std::span<const CapacityReport> reports) {
  std::vector<TestPoint> points;
  for (const CapacityReport& report : reports) {
    for (TestPoint& point : test_points(report)) points.push_back(std::move(point));
  }
  return points;
}

}  // namespace

std::string claim_words(const JudgedClaim& claim) {
  const std::string whose = claim.workload.empty() ? "" : fmt::format("{}: ", claim.workload);
  if (!claim.name.empty()) return fmt::format("{}{}", whose, claim.name);
  switch (claim.what) {
    case Claimed::held:
      return fmt::format("at least {} are held", grouped(claim.expected));
    case Claimed::sustained:
      return fmt::format("{}{} are sustained", whose, rate_words(claim.expected));
    case Claimed::headroom_of_held:
      return fmt::format("{} % of what is held at most are left", percent_words(claim.share));
    case Claimed::headroom_of_sustained:
      return fmt::format("{}{} % of what is sustained are left", whose, percent_words(claim.share));
    case Claimed::capacity_of_limit:
      return fmt::format("{} lets at least {} through", claim.place, grouped(claim.expected));
    case Claimed::headroom_of_limit:
      return fmt::format("{} % are left before {} binds", percent_words(claim.share), claim.place);
    case Claimed::exhausted_limit:
      return fmt::format("{} {}", claim.place, claim.expected == 1 ? "binds" : "does not bind");
  }
  return {};
}

std::string claim_figures(const JudgedClaim& claim) {
  if (!claim.trouble.empty()) return claim.trouble;
  if (!claim.actual) return "no limit is known";
  if (claim.what == Claimed::exhausted_limit)
    return fmt::format("{} {}", claim.place, claim.actual->min == 1 ? "binds" : "does not bind");
  const std::string least = amount_words(claim, claim.actual->min);
  const std::string actual =
      claim.actual->exact() ? least : fmt::format("{} to {}", least, amount_words(claim, claim.actual->max));
  const char* verb = is_rate(claim) ? "sustained" : "held at most";
  if (claim.what == Claimed::capacity_of_limit) verb = "let through";
  if (claim.what == Claimed::headroom_of_limit) verb = "held when it binds";
  return fmt::format("{} {}, {} needed", actual, verb, amount_words(claim, claim.expected));
}

std::vector<TestPoint> test_points(const CapacityReport& report) {
  std::vector<TestPoint> points;
  const auto point = [&](std::string name, PointOutcome outcome, std::string message) {
    points.push_back({.suite = report.on.scenario_name,
                      .name = std::move(name),
                      .outcome = outcome,
                      .message = std::move(message),
                      .details = outcome == PointOutcome::failed ? report.summary : std::string{},
                      .file = report.file,
                      .rests_on = basis_line(report.on, Hashes::whole)});
  };
  if (report.judged.empty()) point("nothing is claimed", PointOutcome::skipped, report.summary);
  for (const JudgedClaim& claim : report.judged)
    point(claim_words(claim), claim.holds ? PointOutcome::ok : PointOutcome::failed,
          claim.holds ? std::string{} : claim_figures(claim));
  return points;
}

std::string capacity_junit(std::span<const CapacityReport> reports) { return junit(claim_points(reports)); }
std::string capacity_tap(std::span<const CapacityReport> reports) { return tap(claim_points(reports)); }
std::string capacity_github(std::span<const CapacityReport> reports) { return github(claim_points(reports)); }

std::string capacity_markdown(std::span<const CapacityReport> reports) {
  std::string text;
  for (const CapacityReport& report : reports) {
    if (!text.empty()) text.append("\n");
    text += report.judged.empty() ? fmt::format("### {}\n\n", markdown_text(report.on.scenario_name))
                                  : fmt::format("{}\n", markdown(test_points(report)));
    text += fmt::format("{}\n", markdown_text(report.summary));
    for (const Table& table : capacity_tables(report)) text.append("\n").append(table.markdown());
    for (const std::string& note : report.capacity.notes) text += fmt::format("\nnote: {}\n", markdown_text(note));
    text += fmt::format("\n{}\n", markdown_text(basis_line(report.on, Hashes::cut)));
  }
  return text;
}

namespace {

std::string contents(std::span<const CapacityReport> reports) {
  std::vector<PageEntry> entries;
  for (const CapacityReport& report : reports) {
    const bool judged = !report.judged.empty();
    entries.push_back({report.on.scenario_name, report.summary, !judged ? "" : holds(report) ? "holds" : "FAILS"});
  }
  return contents_of(entries);
}

}  // namespace

std::string capacity_html(std::span<const CapacityReport> reports) {
  std::string body = reports.size() > 1 ? contents(reports) : std::string{};
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const CapacityReport& report = reports[i];
    body += section_begin(report.on.scenario_name, i, reports.size());
    body += fmt::format("<p class=\"verdict\">{}</p>\n", html_text(report.summary));
    if (!report.judged.empty()) body += "<ul>\n";
    for (const JudgedClaim& claim : report.judged)
      body +=
          fmt::format("<li><span class=\"{}\">{}</span> {}<br>{}</li>\n", claim.holds ? "ok" : "bad",
                      claim.holds ? "holds" : "FAILS", html_text(claim_words(claim)), html_text(claim_figures(claim)));
    if (!report.judged.empty()) body += "</ul>\n";
    body += way_section(report.ways, section_name(i)) + ladder_chart(report.capacity);
    for (const Table& table : capacity_tables(report)) body += table.html();
    for (const std::string& note : report.capacity.notes) body += fmt::format("<p>{}</p>\n", html_text(note));
    body += fmt::format("<p>{}</p>\n</section>\n", html_text(basis_line(report.on, Hashes::whole)));
  }
  return html_page(reports.size() == 1 ? reports.front().on.scenario_name : "netlimits capacity", body);
}

}  // namespace netlimits::report
