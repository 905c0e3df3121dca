// Names of verdicts, figures as text, the headline, and the reason behind one check.
#include "report/validation_words.hpp"

#include <fmt/format.h>

#include "report/forms/number_text.hpp"

namespace netlimits::report {

using analysis::Check;
using analysis::CheckVerdict;

const char* name_of(CheckVerdict verdict) {
  switch (verdict) {
    case CheckVerdict::agrees:
      return "agrees";
    case CheckVerdict::differs:
      return "differs";
    case CheckVerdict::not_determined:
      return "not_determined";
  }
  return "not_determined";
}

std::string text_of(const analysis::Figure& figure) {
  if (const auto* count = std::get_if<std::uint64_t>(&figure)) return grouped(*count);
  if (const auto* interval = std::get_if<analysis::Interval>(&figure)) return grouped(*interval);
  if (const auto* words = std::get_if<std::string>(&figure)) return *words;
  if (const auto* place = std::get_if<Place>(&figure)) return place->text();
  return "-";
}

std::size_t count_of(const ValidationReport& report, CheckVerdict verdict) {
  std::size_t count = 0;
  for (const Check& check : report.found.checks) count += check.verdict == verdict ? 1 : 0;
  return count;
}

std::string headline(const ValidationReport& report) {
  if (!report.found.not_asked.empty()) return fmt::format("the kernel could not be asked: {}", report.found.not_asked);
  const std::size_t differ = count_of(report, CheckVerdict::differs);
  const std::size_t unknown = count_of(report, CheckVerdict::not_determined);
  std::string text = differ == 0 ? fmt::format("agrees with Linux {}: {}", report.found.kernel,
                                               counted(count_of(report, CheckVerdict::agrees), "checks"))
                                 : fmt::format("differs from Linux {}: {} of {}", report.found.kernel, differ,
                                               counted(report.found.checks.size(), "checks"));
  if (unknown > 0) text += fmt::format(", {} not determined", unknown);
  return text;
}

std::string explanation(const Check& check) {
  return check.what.empty() || check.why.empty() ? check.what + check.why : check.what + ": " + check.why;
}

}  // namespace netlimits::report
