// What `diagnose` prints.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "report/forms/text_style.hpp"
#include "scenarios/diagnosis/diagnosis.hpp"

namespace netlimits::report {

struct DiagnosisReport {
  scenarios::Complaint asked{};
  std::vector<scenarios::Explained> causes{};
};

// A sentence, a table of what explains it, and the first of them in full: why, what tells it from the others, what
// helps, where it stands.
std::string diagnosis_text(const DiagnosisReport& report, const TextStyle& style);
std::string diagnosis_markdown(const DiagnosisReport& report);
// The format netlimits.diagnose/1: all of them in full.
std::string diagnosis_json(const DiagnosisReport& report);

}  // namespace netlimits::report
