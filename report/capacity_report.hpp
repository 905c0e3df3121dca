// What `capacity` prints.
#pragma once

#include <string>

#include "analysis/capacity.hpp"
#include "model/scenario/scenario.hpp"
#include "report/basis_words.hpp"
#include "report/forms/text_style.hpp"

namespace netlimits::report {

struct CapacityReport {
  RestsOn on{};
  analysis::Capacity capacity{};
  std::string summary{};  // verdict_sentence()
};

CapacityReport make_capacity_report(const Scenario& scenario, analysis::Capacity capacity);

// The format netlimits.capacity/1. A figure left to chance is { "min": a, "max": b }.
std::string capacity_json(const CapacityReport& report);
// The verdict sentence, the ladder as a table, and the reading of it.
std::string capacity_text(const CapacityReport& report, const TextStyle& style);

}  // namespace netlimits::report
