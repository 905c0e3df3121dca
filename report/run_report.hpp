// What `run` prints: a result with the scenario's claims judged.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/capacity.hpp"
#include "model/scenario/result.hpp"
#include "model/scenario/scenario.hpp"
#include "report/basis_words.hpp"
#include "report/charts/way_picture.hpp"
#include "report/expectation.hpp"
#include "report/forms/test_points.hpp"
#include "report/forms/text_style.hpp"

namespace netlimits::report {

enum class Verdict : std::uint8_t { holds, fails, unchecked };  // unchecked: the scenario claims nothing
std::string_view name_of(Verdict verdict);

struct RunReport {
  std::string file{};  // as the user named it, for annotations; never in JSON
  RestsOn on{};
  RunResult result{};
  std::vector<ExpectationResult> expectations{};
  Verdict verdict = Verdict::unchecked;
  std::optional<analysis::Capacity> capacity{};  // for "next at ..."
  std::string summary{};                         // verdict_sentence()
  WayPicture ways{};
  bool strict = false;  // where nothing is claimed, that nothing breaks is
};
// Nothing is claimed, and what is asked for all the same does not hold. The verdict is unchecked.
bool breaks_unclaimed(const RunReport& report);

// Judges the expectations. `file` is the scenario's file as the user named it, or empty.
RunReport make_run_report(const Scenario& scenario, RunResult result, std::optional<analysis::Capacity> capacity,
                          std::string file = {});

// The result in the format netlimits.run/1: sorted keys, integers only, no time of day, two blanks of indentation, a
// newline at the end. Equal reports give equal bytes.
std::string run_json(const RunReport& report);
// The verdict sentence, then tables.
std::string run_text(const RunReport& report, const TextStyle& style);

// One point an expectation. Where there is none: one that is skipped, or, of a strict report, whether nothing breaks.
std::vector<TestPoint> test_points(const RunReport& report);
std::string run_junit(std::span<const RunReport> reports);
std::string run_tap(std::span<const RunReport> reports);
std::string run_github(std::span<const RunReport> reports);
std::string run_markdown(std::span<const RunReport> reports);
// One page for all reports.
std::string run_html(std::span<const RunReport> reports);

}  // namespace netlimits::report
