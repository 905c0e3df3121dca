// What `capacity` prints.
#pragma once

#include <string>
#include <vector>

#include "analysis/capacity.hpp"
#include "analysis/claims/capacity_claims.hpp"
#include "model/scenario/scenario.hpp"
#include "report/basis_words.hpp"
#include "report/charts/way_picture.hpp"
#include "report/forms/table.hpp"
#include "report/forms/text_style.hpp"

namespace netlimits::report {

struct CapacityReport {
  std::string file{};  // as the user named it, for annotations; never in JSON
  RestsOn on{};
  analysis::Capacity capacity{};
  std::string summary{};  // verdict_sentence()
  WayPicture ways{};
  analysis::CapacityClaims claims{};  // what was asked of it
  std::vector<analysis::JudgedClaim> judged{};
};

// Judges the claims, and those that the scenario makes of the capacity, of rates and of limits. `file` is the
// scenario's file as the user named it, or empty.
CapacityReport make_capacity_report(const Scenario& scenario, analysis::Capacity capacity,
                                    const analysis::CapacityClaims& claims = {}, std::string file = {});
bool holds(const CapacityReport& report);  // every claim does

// The ladder, what short connections sustain, and what is held without each back end: those that have rows.
std::vector<Table> capacity_tables(const CapacityReport& report);

// The format netlimits.capacity/1. A figure left to chance is { "min": a, "max": b }. Claims, where any were made, and
// the verdict on them are keys of their own.
std::string capacity_json(const CapacityReport& report);
// The verdict sentence, the ladder as a table, and the reading of it.
std::string capacity_text(const CapacityReport& report, const TextStyle& style);

}  // namespace netlimits::report
