// Random whole scenarios: what the loader reads is what was written, every result keeps its books, and run and capacity
// agree; and those in tests/found, each of which broke a law once. More of them: netlimits fuzz --scenarios, or
// NETLIMITS_SCENARIO_CASES=20000 for this program.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "cli/fuzz/scenario_engines.hpp"
#include "fuzz/scenarios/scenario_fuzzer.hpp"
#include "scenarios/profiles.hpp"
#include "scenarios/scenario_loader.hpp"
#include "scenarios/scenario_writer.hpp"
#include "tests/catch.hpp"

using namespace netlimits;

namespace {

constexpr std::uint64_t usual_cases = 500;

std::uint64_t number_from(const char* variable, std::uint64_t usual) {
  const char* const text = std::getenv(variable);
  return text == nullptr ? usual : std::stoull(text);
}

}  // namespace

TEST_CASE("random scenarios keep every law") {
  fuzz::ScenarioFuzzOptions options;
  options.cases = number_from("NETLIMITS_SCENARIO_CASES", usual_cases);
  options.seed = number_from("NETLIMITS_SCENARIO_SEED", 1);
  options.first_case = number_from("NETLIMITS_SCENARIO_FIRST", 0);
  options.most_findings = number_from("NETLIMITS_SCENARIO_FINDINGS", 3);
  const scenarios::ProfileSet& profiles = scenarios::ProfileSet::built_in();
  options.generator.profiles.push_back(profiles.find("linux"));
  for (const std::string& name : profiles.names()) options.generator.profiles.push_back(profiles.find(name));
  const fuzz::ScenarioFuzzResult result = fuzz::fuzz_scenarios(options, cli::scenario_engines());
  for (const fuzz::ScenarioFinding& finding : result.findings) {
    std::string broken;
    for (const fuzz::BrokenLaw& one : finding.broken) broken += "  " + one.law + ": " + one.what + "\n";
    UNSCOPED_INFO("case " << finding.number << " breaks\n" << broken << scenarios::scenario_text(finding.scenario));
  }
  for (const auto& [law, cases] : result.broken) UNSCOPED_INFO(law << ": " << cases << " cases");
  CHECK(result.findings.empty());
  CHECK(result.plain > result.cases / 3);
}

TEST_CASE("scenarios that broke a law once keep them all") {
  const std::filesystem::path folder = std::filesystem::path(NETLIMITS_SOURCE_DIR) / "tests/found";
  std::size_t read = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    INFO(file.path().filename());
    std::ifstream in(file.path());
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const auto scenario = scenarios::load_scenario(text, file.path().string(), scenarios::ProfileSet::built_in());
    REQUIRE(scenario);
    ++read;
    for (const fuzz::BrokenLaw& broken : fuzz::judge(*scenario, cli::scenario_engines()))
      FAIL_CHECK(broken.law << ": " << broken.what);
  }
  CHECK(read >= 40);
}
