// What `validate` prints: predicted beside observed.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/comparison/validation.hpp"
#include "model/scenario/scenario.hpp"
#include "report/basis_words.hpp"
#include "report/forms/test_points.hpp"
#include "report/forms/text_style.hpp"

namespace netlimits::report {

struct ValidationReport {
  std::string file{};  // as the user named it, for annotations; never in JSON
  RestsOn on{};
  analysis::Validation found{};
  analysis::CheckVerdict verdict = analysis::CheckVerdict::not_determined;
};

ValidationReport make_validation_report(const Scenario& scenario, analysis::Validation validation,
                                        std::string file = {});

// The format netlimits.validate/1.
std::string validation_json(const ValidationReport& report);
std::string validation_text(const ValidationReport& report, const TextStyle& style);

// "/workloads/load/failed: predicted 20, observed 19: ..."
std::string check_text(const analysis::Check& check);

// One point a check; "not determined" is a skipped point. A kernel that could not be asked is one skipped point.
std::vector<TestPoint> test_points(const ValidationReport& report);
std::string validation_junit(std::span<const ValidationReport> reports);
std::string validation_tap(std::span<const ValidationReport> reports);
std::string validation_github(std::span<const ValidationReport> reports);
std::string validation_markdown(std::span<const ValidationReport> reports);
std::string validation_html(std::span<const ValidationReport> reports);

}  // namespace netlimits::report
