// Test points: what test harnesses and reviews read. A claim of a scenario, a comparison with the kernel or a script
// becomes one point, and each format is written once for all of them.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace netlimits::report {

enum class PointOutcome : std::uint8_t { ok, failed, skipped };

struct TestPoint {
  std::string suite{};  // the scenario or script
  std::string name{};
  PointOutcome outcome = PointOutcome::ok;
  std::string message{};   // one line: why it failed or was skipped; empty when all is well
  std::string details{};   // lines behind it, for a reader who looks closer
  std::string file{};      // as the user named it; empty: none
  std::string rests_on{};  // one line, of all points of a suite: version, hashes (report/basis_words.hpp); empty: none
};

// JUnit XML, one <testsuite> a suite, in the order given. Whoever reads it needs no time: there is none in it.
std::string junit(std::span<const TestPoint> points);
// TAP version 13, numbered from 1; a skipped point is "ok ... # SKIP why". No point at all is "1..0 # SKIP".
std::string tap(std::span<const TestPoint> points);
// Workflow commands of GitHub Actions: an ::error for each failed point, a ::notice for each suite.
std::string github(std::span<const TestPoint> points);
// A table a suite, for a pull request's comment.
std::string markdown(std::span<const TestPoint> points);
// A section with a table for each suite, for html_page().
std::string html(std::span<const TestPoint> points);

}  // namespace netlimits::report
