// How a validation is put into words, for each form of its report.
#pragma once

#include <cstddef>
#include <string>

#include "report/validation_report.hpp"

namespace netlimits::report {

const char* name_of(analysis::CheckVerdict verdict);
std::string text_of(const analysis::Figure& figure);
std::size_t count_of(const ValidationReport& report, analysis::CheckVerdict verdict);
// "agrees with Linux 6.18: 17 checks".
std::string headline(const ValidationReport& report);
// What an index stands for, and why the verdict is what it is.
std::string explanation(const analysis::Check& check);

}  // namespace netlimits::report
