// A comparison with the kernel as Markdown: a row a scenario to be read, all checks below to be opened.
#include <fmt/format.h>

#include <string_view>
#include <utility>
#include <vector>

#include "report/forms/escaping.hpp"
#include "report/forms/number_text.hpp"
#include "report/validation_words.hpp"

namespace netlimits::report {
namespace {

using analysis::Check;
using analysis::CheckVerdict;

// "/workloads/NAME/established" is about NAME; nothing for another metric.
std::string workload_of(const std::string& metric, std::string_view figure) {
  constexpr std::string_view begin = "/workloads/";
  const std::string end = fmt::format("/{}", figure);
  if (!metric.starts_with(begin) || !metric.ends_with(end)) return {};
  const std::string name = metric.substr(begin.size(), metric.size() - begin.size() - end.size());
  return name.find('/') == std::string::npos ? name : std::string();
}

// Predicted and observed of one figure, of each workload.
std::pair<std::string, std::string> both_sides(const ValidationReport& report, std::string_view figure) {
  std::vector<std::pair<std::string, const Check*>> found;
  for (const Check& check : report.found.checks) {
    if (std::string name = workload_of(check.metric, figure); !name.empty())
      found.emplace_back(std::move(name), &check);
  }
  std::pair<std::string, std::string> sides;
  for (const auto& [name, check] : found) {
    const std::string label = found.size() > 1 ? markdown_text(name) + ": " : std::string();
    for (auto* side : {&sides.first, &sides.second}) {
      if (!side->empty()) *side += "<br>";
      *side += label + markdown_text(text_of(side == &sides.first ? check->predicted : check->observed));
    }
  }
  return sides;
}

std::string binding_of(const ValidationReport& report) {
  std::string limit;
  for (const Check& check : report.found.checks) {
    if (check.metric == "/binding_limit" || check.metric == "/binding_limit/limit") limit = text_of(check.observed);
    if (check.metric == "/binding_limit/place") limit += fmt::format(" ({})", text_of(check.observed));
  }
  return limit;
}

std::string row_of(const ValidationReport& report) {
  if (!report.found.not_asked.empty()) {
    return fmt::format("| {} | | | | | | not_determined: {} |\n", markdown_text(report.on.scenario_name),
                       markdown_text(report.found.not_asked));
  }
  const auto established = both_sides(report, "established");
  const auto failed = both_sides(report, "failed");
  std::string verdict = fmt::format("{}: {} of {}", name_of(report.verdict), count_of(report, CheckVerdict::agrees),
                                    counted(report.found.checks.size(), "checks"));
  if (report.verdict == CheckVerdict::differs) verdict = fmt::format("**{}**", verdict);
  return fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", markdown_text(report.on.scenario_name),
                     established.first, established.second, failed.first, failed.second,
                     markdown_text(binding_of(report)), verdict);
}

std::string details_of(const ValidationReport& report) {
  std::string text = fmt::format("\n<details><summary>{} {}</summary>\n\n", markdown_html_text(report.on.scenario_name),
                                 markdown_html_text(headline(report)));
  for (const std::string& remark : report.found.remarks) text += fmt::format("- {}\n", markdown_text(remark));
  text += std::string(report.found.remarks.empty() ? "" : "\n") +
          "| metric | predicted | observed | verdict | why |\n| --- | ---: | ---: | --- | --- |\n";
  for (const Check& check : report.found.checks) {
    text += fmt::format("| {} | {} | {} | {} | {} |\n", markdown_text(check.metric),
                        markdown_text(text_of(check.predicted)), markdown_text(text_of(check.observed)),
                        markdown_text(name_of(check.verdict)), markdown_text(explanation(check)));
  }
  return text + "\n</details>\n";
}

}  // namespace

// First one row a scenario, to be read; then all checks, to be opened.
std::string validation_markdown(std::span<const ValidationReport> reports) {
  std::string text =
      "| scenario | established: predicted | observed | failed: predicted | observed | breaks first at | verdict |\n"
      "| --- | ---: | ---: | ---: | ---: | --- | --- |\n";
  for (const ValidationReport& report : reports) text += row_of(report);
  for (const ValidationReport& report : reports) {
    if (report.found.not_asked.empty()) text += details_of(report);
  }
  for (const ValidationReport& report : reports) {
    text += fmt::format("\n{}: {}\n", markdown_text(report.on.scenario_name),
                        markdown_text(basis_line(report.on, Hashes::cut)));
  }
  return text;
}

}  // namespace netlimits::report
