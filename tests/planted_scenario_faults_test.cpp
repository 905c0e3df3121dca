// Would the fuzzer of scenarios notice? Engines that are wrong in one thing each are judged as the right ones are.
#include "cli/scenario_engines.hpp"
#include "fuzz/scenarios/scenario_fault_hunt.hpp"
#include "scenarios/profiles.hpp"
#include "tests/catch.hpp"

using namespace netlimits;

TEST_CASE("random scenarios notice every wrong engine within a few hundred cases") {
  fuzz::ScenarioHuntOptions options;
  options.cases = 600;
  const scenarios::ProfileSet& profiles = scenarios::ProfileSet::built_in();
  options.generator.profiles.push_back(profiles.find("linux"));
  for (const std::string& name : profiles.names()) options.generator.profiles.push_back(profiles.find(name));
  const fuzz::ScenarioHuntResult result =
      fuzz::hunt_scenario_faults(options, fuzz::scenario_faults(), cli::scenario_engines());
  CHECK(result.faults.size() >= 40);
  for (const fuzz::HuntedScenarioFault& fault : result.faults) {
    INFO(fault.name << ": " << fault.believes << "; " << result.cases << " cases");
    CHECK(fault.cases.has_value());
  }
  // What the right engines do not get right proves nothing.
  CHECK(result.left_out == 0);
}
