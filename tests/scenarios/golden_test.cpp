// Every report on every shipped scenario, byte for byte. A change of a rule, a word or a format shows here as a change
// of files that a reviewer reads: run this test with NETLIMITS_WRITE_GOLDEN=1 in the environment to write them anew.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "analysis/capacity.hpp"
#include "report/capacity_report.hpp"
#include "report/run_report.hpp"
#include "scenarios/embedded.hpp"
#include "scenarios/scenario_loader.hpp"
#include "sim/replay.hpp"
#include "tests/catch.hpp"

namespace netlimits::scenarios {
namespace {

const std::filesystem::path folder = std::filesystem::path(NETLIMITS_SOURCE_DIR) / "tests/scenarios/golden";

// (file name, contents)
std::vector<std::pair<std::string, std::string>> reports_on(const EmbeddedText& file) {
  const auto scenario = load_scenario(file.text, std::string(file.name), ProfileSet::built_in());
  if (!scenario) FAIL(text_of(scenario.error()));
  const auto capacity = report::make_capacity_report(*scenario, analysis::capacity(*scenario));
  const auto run = report::make_run_report(*scenario, sim::replay(*scenario), capacity.capacity);
  const std::string name(file.name);
  return {{name + ".run.json", report::run_json(run)},
          {name + ".run.txt", report::run_text(run, {})},
          {name + ".capacity.json", report::capacity_json(capacity)},
          {name + ".capacity.txt", report::capacity_text(capacity, {})}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c == '\n') {
      lines.emplace_back();
    } else {
      lines.back() += c;
    }
  }
  return lines;
}

void check_same(const std::string& golden, const std::string& now) {
  if (golden == now) return;
  const std::vector<std::string> before = lines_of(golden);
  const std::vector<std::string> after = lines_of(now);
  for (std::size_t i = 0; i < std::max(before.size(), after.size()); ++i) {
    const std::string was = i < before.size() ? before[i] : "(no line)";
    const std::string is = i < after.size() ? after[i] : "(no line)";
    if (was == is) continue;
    CAPTURE(i + 1);
    CHECK(was == is);
    return;
  }
}

}  // namespace

TEST_CASE("every report on every shipped scenario is what it was when somebody last read it") {
  const bool write = std::getenv("NETLIMITS_WRITE_GOLDEN") != nullptr;
  std::set<std::string> expected;
  for (const EmbeddedText& file : embedded_scenarios()) {
    for (const auto& [name, text] : reports_on(file)) {
      CAPTURE(name);
      expected.insert(name);
      if (write) std::ofstream(folder / name, std::ios::binary) << text;
      std::ifstream golden(folder / name, std::ios::binary);
      REQUIRE(golden.is_open());
      check_same(std::string(std::istreambuf_iterator<char>(golden), {}), text);
    }
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    CAPTURE(entry.path().filename().string());
    CHECK(expected.contains(entry.path().filename().string()));  // else: a report on a scenario that is gone
  }
}

}  // namespace netlimits::scenarios
