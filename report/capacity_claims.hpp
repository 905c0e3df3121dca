// What somebody asked of a capacity, in words and as test points.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "analysis/claims/capacity_claims.hpp"
#include "report/capacity_report.hpp"
#include "report/forms/test_points.hpp"

namespace netlimits::report {

// The name that a scenario gives it, or "at least 30,000 are held", "20 % of 470.533 a second are left".
std::string claim_words(const analysis::JudgedClaim& claim);
// "28,232 are held, 30,000 are needed".
std::string claim_figures(const analysis::JudgedClaim& claim);

// One point a claim; one that is skipped where nothing is claimed.
std::vector<TestPoint> test_points(const CapacityReport& report);

std::string capacity_junit(std::span<const CapacityReport> reports);
std::string capacity_tap(std::span<const CapacityReport> reports);
std::string capacity_github(std::span<const CapacityReport> reports);
std::string capacity_markdown(std::span<const CapacityReport> reports);
// One page for all reports.
std::string capacity_html(std::span<const CapacityReport> reports);

}  // namespace netlimits::report
