// What `validate` prints: predicted beside observed.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/comparison.hpp"
#include "model/scenario.hpp"
#include "report/test_points.hpp"
#include "report/text_style.hpp"

namespace netlimits::report {

struct ValidationReport {
  std::string file{};  // as the user named it, for annotations; never in JSON
  std::string scenario_name{};
  std::string scenario_sha256{};
  std::string version{};
  std::string kernel{};  // "6.18.44", or empty when it could not be asked
  std::vector<analysis::Check> checks{};
  analysis::CheckVerdict verdict = analysis::CheckVerdict::not_determined;
  std::vector<std::string> remarks{};  // what was scaled, and what stands for what, one sentence each
  std::string not_asked{};             // why the kernel could not be asked; empty: it was
};

ValidationReport make_validation_report(const Scenario& scenario, std::string kernel,
                                        std::vector<analysis::Check> checks, std::string file = {});
// The kernel could not be asked (no privilege, wrong system, a limit that cannot be set): no check, "not determined".
ValidationReport make_unasked_report(const Scenario& scenario, std::string why, std::string file = {});

// The format netlimits.validate/1.
std::string validation_json(const ValidationReport& report);
std::string validation_text(const ValidationReport& report, const TextStyle& style);

// One point a check; "not determined" is a skipped point. A kernel that could not be asked is one skipped point.
std::vector<TestPoint> test_points(const ValidationReport& report);
std::string validation_junit(std::span<const ValidationReport> reports);
std::string validation_tap(std::span<const ValidationReport> reports);
std::string validation_github(std::span<const ValidationReport> reports);
std::string validation_markdown(std::span<const ValidationReport> reports);
std::string validation_html(std::span<const ValidationReport> reports);

}  // namespace netlimits::report
