// What a user saw, a line each: a number, an error, a rate; and a formula as the book of causes has them.
#include <array>
#include <string>

#include "report/diagnosis_report.hpp"
#include "scenarios/diagnosis/diagnosis.hpp"
#include "scenarios/diagnosis/formula.hpp"
#include "tests/fuzz-targets/reader_target.hpp"

namespace {

using namespace netlimits;

// Its value is found, or is none; it never depends on how often one asks.
void compute(std::string_view text) {
  const auto formula = scenarios::Formula::parse(text);
  if (!formula) {
    if (formula.error().empty() || scenarios::plain_line(formula.error()) != formula.error())
      fuzz_targets::broken("an error is one line of plain text");
    return;
  }
  const scenarios::Formula::Meaning meaning{
      .figure = [](const std::string& name) -> std::optional<std::uint64_t> { return name.size() * 1000; },
      .function = [](const std::string& name, std::uint64_t of) -> std::optional<std::uint64_t> {
        return name.size() > 3 ? std::optional(of / 2) : std::nullopt;
      }};
  if (formula->value(meaning) != formula->value(meaning)) fuzz_targets::broken("a formula has one value");
}

}  // namespace

void netlimits::fuzz_targets::read(std::string_view text) {
  std::array<std::string_view, 4> lines{};
  for (std::string_view& line : lines) {
    line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
  }
  compute(lines[3]);
  scenarios::Complaint complaint;
  complaint.count = scenarios::parse_count(lines[0]);
  if (complaint.count && complaint.count->least > complaint.count->most) broken("a number has a least and a most");
  if (!lines[1].empty()) complaint.error = scenarios::understand_error(lines[1], scenarios::cause_book());
  complaint.rate = scenarios::parse_count(lines[2]);
  const auto found = scenarios::diagnose(complaint, scenarios::ProfileSet::built_in(), scenarios::cause_book());
  std::uint64_t shares = 0;
  for (const scenarios::Explained& one : found) shares += one.share;
  if (shares > 1000) broken("shares are parts of one whole");
  const report::DiagnosisReport report{complaint, found};
  const std::string shown = report::diagnosis_text(report, {});
  if (scenarios::plain_text(shown) != shown) broken("text is plain");
  static_cast<void>(report::diagnosis_json(report));
}
