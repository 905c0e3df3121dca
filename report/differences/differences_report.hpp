// What `diff` prints.
#pragma once

#include <string>

#include "analysis/differences/differences.hpp"
#include "report/forms/text_style.hpp"

namespace netlimits::report {

struct DifferencesReport {
  analysis::Differences found{};
  std::string summary{};  // differences_sentence()
};

DifferencesReport make_differences_report(analysis::Differences found);

// The format netlimits.diff/1. What is not there has no key "before" or "after".
std::string differences_json(const DifferencesReport& report);
// The sentence, both answers' own first lines, and a table each of what was asked and what was answered.
std::string differences_text(const DifferencesReport& report, const TextStyle& style);
// A comment on a pull request: the sentence and what was asked to be read, the figures to be opened.
std::string differences_markdown(const DifferencesReport& report);

}  // namespace netlimits::report
