// The JSON first, then the two tables, and the texts around them.
#include "report/differences/differences_report.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>
#include <vector>

#include "report/basis_words.hpp"
#include "report/differences/difference_words.hpp"
#include "report/forms/colour.hpp"
#include "report/forms/escaping.hpp"
#include "report/forms/json_text.hpp"
#include "report/forms/number_text.hpp"
#include "report/forms/table.hpp"

namespace netlimits::report {
namespace {

using analysis::Answer;
using analysis::Differences;
using analysis::FigureChange;
using analysis::FigureValue;
using analysis::Subject;
using nlohmann::json;

std::string_view name_of(Subject subject) {
  switch (subject) {
    case Subject::expectation:
      return "expectation";
    case Subject::whole:
      return "whole";
    case Subject::binding:
      return "binding";
    case Subject::rung:
      return "ladder";
    case Subject::sustained:
      return "steady_state";
    case Subject::without_back_end:
      return "without_back_end";
    case Subject::workload:
      return "workload";
    case Subject::failure:
      return "failure";
    case Subject::limit:
      return "limit";
    case Subject::process:
      return "process";
    case Subject::host:
      return "host";
    case Subject::balancer:
      return "balancer";
    case Subject::window:
      return "window";
    case Subject::note:
      return "note";
    case Subject::summary:
      return "summary";
  }
  return "whole";
}

json json_of(const FigureValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* number = std::get_if<analysis::Interval>(&value)) return report::json_of(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return nullptr;
}

json json_of(const Answer& answer) {
  json made{{"answered_by", json::array()}, {"first_lines", json::object()}};
  for (const analysis::Engine engine : answer.by)
    made["answered_by"].push_back(engine == analysis::Engine::run ? "run" : "capacity");
  for (const analysis::AnsweredFigure& figure : answer.figures) {
    if (figure.subject == Subject::summary) made["first_lines"][figure.of] = json_of(figure.value);
  }
  put_basis(made, {.version = answer.version,
                   .seed = answer.seed,
                   .scenario_name = answer.scenario,
                   .basis = answer.basis,
                   .kernel = {}});
  return made;
}

// The place of a rung in a ladder is a number.
json json_of(const FigureChange& change) {
  json made{{"subject", name_of(change.subject)}, {"of", change.of}, {"figure", change.name}};
  if (change.before) made["before"] = json_of(*change.before);
  if (change.after) made["after"] = json_of(*change.after);
  return made;
}

// Text that is not JSON (a number beyond what is read as one) stays text.
json json_of_input(const std::string& text) {
  json parsed = json::parse(text, nullptr, false);
  return parsed.is_discarded() ? json(text) : parsed;
}

std::string counts(const Differences& found) {
  return fmt::format("{} of the input, {} of the answer", counted(found.input.size(), "changes"),
                     counted(found.figures.size(), "changes"));
}

std::string scenario_names(const Differences& found) {
  if (found.before.scenario == found.after.scenario) return found.after.scenario;
  return fmt::format("{} -> {}", found.before.scenario, found.after.scenario);
}

std::string basis_of(const Answer& answer) {
  return basis_line({.version = answer.version,
                     .seed = answer.seed,
                     .scenario_name = answer.scenario,
                     .basis = answer.basis,
                     .kernel = {}},
                    Hashes::cut);
}

// The engines' own first lines, where they are not the same.
std::vector<std::string> first_lines(const Differences& found) {
  std::vector<std::string> lines;
  for (const FigureChange& change : found.figures) {
    if (change.subject != Subject::summary) continue;
    lines.push_back(fmt::format("{} before: {}", change.of, value_words(change, change.before)));
    lines.push_back(fmt::format("{} after: {}", change.of, value_words(change, change.after)));
  }
  return lines;
}

// A hash is told apart by its beginning; a whole object would fill the page.
std::string shortened(const std::optional<std::string>& text) {
  constexpr std::size_t enough = 60;
  constexpr std::size_t of_a_hash = 12;
  constexpr std::size_t hash = 64;
  if (!text) return "-";
  if (text->size() == hash + 2 && text->find_first_not_of("\"0123456789abcdef") == std::string::npos)
    return text->substr(1, of_a_hash);
  if (text->size() <= enough) return *text;
  std::size_t end = enough;
  while (end > 0 && (static_cast<unsigned char>((*text)[end]) & 0xc0U) == 0x80U) --end;
  return text->substr(0, end) + "...";
}

Table input_table(const Differences& found, std::size_t most) {
  Table table({{"input"}, {"before"}, {"after"}});
  for (std::size_t i = 0; i < found.input.size(); ++i) {
    if (i == most) {
      table.add({fmt::format("and {} more", found.input.size() - i), "", ""});
      break;
    }
    const analysis::InputChange& change = found.input[i];
    table.add({change.what.empty() ? "the whole" : change.what, shortened(change.before), shortened(change.after)});
  }
  return table;
}

Table figures_table(const Differences& found, std::size_t most) {
  Table table({{"answer"}, {"figure"}, {"before", Align::right}, {"after", Align::right}, {"change", Align::right}});
  std::string last;
  std::size_t shown = 0;
  std::size_t left = 0;
  for (const FigureChange& change : found.figures) {
    if (change.subject == Subject::summary) continue;
    if (shown == most) {
      ++left;
      continue;
    }
    ++shown;
    std::string subject = subject_words(change);
    table.add({subject == last ? "" : subject, figure_words(change), value_words(change, change.before),
               value_words(change, change.after), change_words(change)});
    last = std::move(subject);
  }
  if (left > 0) table.add({fmt::format("and {} more", grouped(left)), "", "", "", ""});
  return table;
}

constexpr std::size_t every_row = static_cast<std::size_t>(-1);

}  // namespace

DifferencesReport make_differences_report(analysis::Differences found) {
  DifferencesReport report{.found = std::move(found)};
  report.summary = differences_sentence(report.found);
  return report;
}

std::string differences_json(const DifferencesReport& report) {
  json made{{"format", "netlimits.diff/1"},
            {"summary", report.summary},
            {"changed", report.found.changed()},
            {"before", json_of(report.found.before)},
            {"after", json_of(report.found.after)},
            {"input", json::array()},
            {"changes", json::array()}};
  for (const analysis::InputChange& change : report.found.input) {
    json& written = made["input"].emplace_back(json{{"what", change.what}});
    if (change.before) written["before"] = json_of_input(*change.before);
    if (change.after) written["after"] = json_of_input(*change.after);
  }
  for (const FigureChange& change : report.found.figures) made["changes"].push_back(json_of(change));
  return json_bytes(made);
}

std::string differences_text(const DifferencesReport& report, const TextStyle& style) {
  const Differences& found = report.found;
  std::string text = fmt::format("{}\n", strong(text_line(report.summary), style));
  text += fmt::format("{}: {}\n", text_line(scenario_names(found)), counts(found));
  const std::vector<std::string> lines = first_lines(found);
  if (!lines.empty()) text += "\n";
  for (const std::string& line : lines) text.append(text_line(line)).append("\n");
  for (const Table& table : {input_table(found, every_row), figures_table(found, every_row)}) {
    if (!table.empty()) text.append("\n").append(table.text(style));
  }
  return text +
         fmt::format("\nbefore: {}\nafter: {}\n", text_line(basis_of(found.before)), text_line(basis_of(found.after)));
}

std::string differences_markdown(const DifferencesReport& report) {
  constexpr std::size_t most_to_read = 12;
  constexpr std::size_t most_to_open = 200;  // a comment has room for 65,536 characters
  const Differences& found = report.found;
  std::string text = fmt::format("**{}**\n\n{}: {}\n", markdown_text(report.summary),
                                 markdown_text(scenario_names(found)), counts(found));
  const std::vector<std::string> lines = first_lines(found);
  if (!lines.empty()) text += "\n";
  for (const std::string& line : lines) text += fmt::format("- {}\n", markdown_text(line));
  const std::string input = input_table(found, most_to_read).markdown();
  if (!input.empty()) text.append("\n").append(input);
  const std::string figures = figures_table(found, most_to_open).markdown();
  if (!figures.empty())
    text += fmt::format("\n<details><summary>{} of the answer</summary>\n\n{}\n</details>\n",
                        counted(found.figures.size(), "changes"), figures);
  return text + fmt::format("\nbefore: {}<br>\nafter: {}\n", markdown_text(basis_of(found.before)),
                            markdown_text(basis_of(found.after)));
}

}  // namespace netlimits::report
