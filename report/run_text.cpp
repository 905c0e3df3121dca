// A replayed scenario as text for a terminal: sentence, claims, tables.
#include <fmt/format.h>

#include "report/forms/colour.hpp"
#include "report/forms/escaping.hpp"
#include "report/forms/number_text.hpp"
#include "report/run_report.hpp"
#include "report/run_tables.hpp"

namespace netlimits::report {
namespace {

std::string expectations_text(const RunReport& report, const TextStyle& style) {
  std::string text;
  for (const ExpectationResult& expectation : report.expectations) {
    text += expectation.holds ? good("holds  ", style) : bad("FAILS  ", style);
    text += text_line(expectation.name) + "\n";
    if (!expectation.holds) text += "       " + text_line(expectation.why) + "\n";
  }
  return text;
}

std::string verdict_text(const RunReport& report, const TextStyle& style) {
  std::uint64_t held = 0;
  for (const ExpectationResult& expectation : report.expectations) held += expectation.holds ? 1 : 0;
  const std::string scenario = fmt::format("{} (seed {}, ended at {}): ", text_line(report.on.scenario_name),
                                           report.result.seed, moment(report.result.ended_at));
  switch (report.verdict) {
    case Verdict::holds:
      return scenario + good(fmt::format("{} hold", counted(held, "expectations")), style) + "\n";
    case Verdict::fails:
      return scenario +
             bad(fmt::format("{} of {} do not hold", report.expectations.size() - held,
                             counted(report.expectations.size(), "expectations")),
                 style) +
             "\n";
    case Verdict::unchecked:
      return scenario +
             (breaks_unclaimed(report) ? bad("nothing expected, and something breaks (--strict)", style)
                                       : std::string("nothing expected")) +
             "\n";
  }
  return {};
}

}  // namespace

std::string run_text(const RunReport& report, const TextStyle& style) {
  std::string text = strong(text_line(report.summary), style) + "\n" + verdict_text(report, style);
  const std::string expectations = expectations_text(report, style);
  if (!expectations.empty()) text.append("\n").append(expectations);
  for (const Table& table : run_tables(report.result)) text.append("\n").append(table.text(style));
  return text + fmt::format("\n{}\n", text_line(basis_line(report.on, Hashes::cut)));
}

}  // namespace netlimits::report
