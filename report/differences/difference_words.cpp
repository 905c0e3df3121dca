// Clauses of the sentence, the worst of an answer as soon as it changed; then the cells of the table.
#include "report/differences/difference_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "report/forms/number_text.hpp"

namespace netlimits::report {
namespace {

using analysis::Answer;
using analysis::AnsweredFigure;
using analysis::Differences;
using analysis::FigureChange;
using analysis::FigureValue;
using analysis::Interval;
using analysis::Subject;

constexpr std::string_view rate_ending = "_per_second";
constexpr std::string_view time_ending = "_ns";

// Of a rate as results write it, "470.533".
std::optional<std::uint64_t> thousandths(std::string_view text) {
  const std::size_t point = text.find('.');
  if (point == std::string_view::npos || point == 0 || text.size() - point != 4 || text.size() > 18)
    return std::nullopt;
  std::uint64_t value = 0;
  for (const char c : text) {
    if (c == '.') continue;
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

template <class Value>
const Value* value_in(const std::optional<FigureValue>& value) {
  return value ? std::get_if<Value>(&*value) : nullptr;
}

std::string in_brackets(const std::string& change) { return change.empty() ? "" : fmt::format(" ({})", change); }

std::string relative_change(const Interval& before, const Interval& after) {
  return before.exact() && after.exact() ? report::relative_change(before.min, after.min) : std::string();
}

std::string held_clause(const Differences& found) {
  const Interval& before = found.before.held;
  const Interval& after = found.after.held;
  if (before == after) return fmt::format("holds {}{}", grouped(after), found.changed() ? " as before" : "");
  return fmt::format("holds {} -> {}{}", grouped(before), grouped(after), in_brackets(relative_change(before, after)));
}

std::string limit_clause(const Differences& found) {
  const auto& before = found.before.binds;
  const auto& after = found.after.binds;
  const auto name = [](const std::optional<analysis::AnsweredLimit>& limit) {
    return limit ? limit->limit : std::string("nothing breaks");
  };
  if (before == after) return name(after);
  if (before && after && before->limit == after->limit)
    return fmt::format("{} ({} -> {})", after->limit, before->place, after->place);
  return fmt::format("{} -> {}", name(before), name(after));
}

// Each rate that another one took the place of.
std::vector<std::string> rate_clauses(const Differences& found) {
  std::vector<std::string> clauses;
  for (const FigureChange& change : found.figures) {
    const auto* before = value_in<std::string>(change.before);
    const auto* after = value_in<std::string>(change.after);
    if (change.subject != Subject::sustained || change.name != "sustained_per_second" || !before || !after) continue;
    clauses.push_back(fmt::format("{} sustains {} -> {} a second{}", change.of.substr(0, change.of.find(':')), *before,
                                  *after, in_brackets(change_words(change))));
  }
  constexpr std::size_t few = 2;
  if (clauses.size() > few) {
    const std::size_t others = clauses.size() - few;
    clauses.resize(few);
    clauses.push_back(fmt::format("{} of other workloads", counted(others, "rates")));
  }
  return clauses;
}

std::uint64_t broken_claims(const Answer& answer) {
  return static_cast<std::uint64_t>(
      std::count_if(answer.figures.begin(), answer.figures.end(), [](const AnsweredFigure& figure) {
        return figure.subject == Subject::expectation && figure.name == "holds" && figure.value == FigureValue(false);
      }));
}

void add_count(std::vector<std::string>& clauses, std::string_view what, std::uint64_t before, std::uint64_t after) {
  if (before != after) clauses.push_back(fmt::format("{} {} -> {}", what, grouped(before), grouped(after)));
}

std::string next_clause(const Differences& found) {
  for (const FigureChange& change : found.figures) {
    if (change.subject == Subject::rung && change.of == "1" && change.name == "capacity" && change.before &&
        change.after)
      return fmt::format("next at {} -> {}", value_words(change, change.before), value_words(change, change.after));
  }
  return {};
}

}  // namespace

std::string relative_change(std::uint64_t before, std::uint64_t after) {
  if (before == after || before == 0) return {};
  const char* sign = after < before ? "-" : "+";
  std::uint64_t apart = after < before ? before - after : after - before;
  const std::uint64_t exactly = apart;
  // What is lost of figures beyond 2^50 is far less than what is shown.
  while (apart >> 50U != 0) {
    apart /= 2;
    before = std::max<std::uint64_t>(before / 2, 1);
  }
  const std::uint64_t tenths = (apart * 1000 + before / 2) / before;
  if (tenths == 0) return fmt::format("{}{}", sign, grouped(exactly));
  if (tenths < 100) return fmt::format("{}{}.{} %", sign, tenths / 10, tenths % 10);
  return fmt::format("{}{} %", sign, grouped((apart * 100 + before / 2) / before));
}

std::string differences_sentence(const Differences& found) {
  std::string text = held_clause(found) + ": " + limit_clause(found);
  if (!found.changed()) return fmt::format("nothing changed: {}", text);
  std::vector<std::string> clauses = rate_clauses(found);
  add_count(clauses, "expectations that do not hold", broken_claims(found.before), broken_claims(found.after));
  add_count(clauses, "failed", found.before.failed, found.after.failed);
  add_count(clauses, "lost", found.before.lost, found.after.lost);
  const bool told =
      !clauses.empty() || found.before.held != found.after.held || found.before.binds != found.after.binds;
  const std::string next = told ? std::string() : next_clause(found);
  if (!next.empty()) clauses.push_back(next);
  if (found.figures.empty()) {
    clauses.push_back(counted(found.input.size(), "changes") + " of the input, none of the answer");
  } else if (!told && next.empty()) {
    clauses.push_back(counted(found.figures.size(), "changes") + " of other figures");
  }
  if (!clauses.empty()) text += fmt::format("; {}", fmt::join(clauses, "; "));
  return text;
}

std::string subject_words(const FigureChange& change) {
  switch (change.subject) {
    case Subject::expectation:
      return change.of.empty() ? "all claims" : "claim " + change.of;
    case Subject::rung:
      return "ladder, step " + change.of;
    case Subject::workload:
      return "workload " + change.of;
    case Subject::failure:
      return "failure of " + change.of;
    case Subject::limit:
      return "limit " + change.of;
    case Subject::process:
      return "process " + change.of;
    case Subject::host:
      return "host " + change.of;
    case Subject::note:
      return "note: " + change.of;
    case Subject::summary:
      return "first line of " + change.of;
    case Subject::whole:
    case Subject::binding:
    case Subject::sustained:
    case Subject::without_back_end:
    case Subject::balancer:
    case Subject::window:
      break;
  }
  return change.of;
}

std::string figure_words(const FigureChange& change) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> other_words{
      {{"held_peak", "holds"}, {"binding_limit", "breaks first at"}, {"binding", "then binds"}}};
  for (const auto& [name, words] : other_words) {
    if (change.name == name) return std::string(words);
  }
  if (change.subject == Subject::whole && change.name == "capacity") return "holds";
  if (change.subject == Subject::binding && change.name == "binding") return "binds";
  std::string words =
      change.name.ends_with(time_ending) ? change.name.substr(0, change.name.size() - time_ending.size()) : change.name;
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string value_words(const FigureChange& change, const std::optional<FigureValue>& value) {
  if (const auto* flag = value_in<bool>(value)) return *flag ? "yes" : "no";
  if (const auto* text = value_in<std::string>(value)) return text->empty() ? "nothing" : *text;
  const auto* number = value_in<Interval>(value);
  if (number == nullptr) return "-";
  constexpr auto longest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!change.name.ends_with(time_ending) || number->max > longest) return grouped(*number);
  const auto seconds = [](std::uint64_t count) { return seconds_text(Duration(static_cast<std::int64_t>(count))); };
  return number->exact() ? seconds(number->min) : seconds(number->min) + " to " + seconds(number->max);
}

std::string change_words(const FigureChange& change) {
  const auto* number_before = value_in<Interval>(change.before);
  const auto* number_after = value_in<Interval>(change.after);
  if (number_before != nullptr && number_after != nullptr) {
    const std::string words = relative_change(*number_before, *number_after);
    return change.name.ends_with(time_ending) && !words.ends_with('%') ? std::string() : words;
  }
  const auto* text_before = value_in<std::string>(change.before);
  const auto* text_after = value_in<std::string>(change.after);
  if (text_before == nullptr || text_after == nullptr || !change.name.ends_with(rate_ending)) return {};
  const auto before = thousandths(*text_before);
  const auto after = thousandths(*text_after);
  if (!before || !after) return {};
  const std::string words = report::relative_change(*before, *after);
  return words.ends_with('%') ? words : std::string();
}

}  // namespace netlimits::report
