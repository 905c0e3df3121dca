// Would the fuzzer of scenarios notice? Engines that are wrong in one thing each are judged as the right ones are.
#include "cli/fuzz/scenario_engines.hpp"
#include "fuzz/scenarios/scenario_fault_hunt.hpp"
#include "scenarios/profiles.hpp"
#include "tests/catch.hpp"

using namespace netlimits;

// The others need up to some hundred cases, and minutes: netlimits fuzz --scenarios --planted-faults.
TEST_CASE("random scenarios notice most wrong engines within forty cases") {
  fuzz::ScenarioHuntOptions options;
  options.cases = 40;
  const scenarios::ProfileSet& profiles = scenarios::ProfileSet::built_in();
  options.generator.profiles.push_back(profiles.find("linux"));
  for (const std::string& name : profiles.names()) options.generator.profiles.push_back(profiles.find(name));
  const fuzz::ScenarioHuntResult result =
      fuzz::hunt_scenario_faults(options, fuzz::scenario_faults(), cli::scenario_engines());
  CHECK(result.faults.size() >= 40);
  std::size_t noticed = 0;
  for (const fuzz::HuntedScenarioFault& fault : result.faults) {
    UNSCOPED_INFO(fault.name << (fault.cases ? " is noticed" : " is not noticed"));
    if (fault.cases) ++noticed;
  }
  CHECK(noticed >= 36);
  // What the right engines do not get right proves nothing.
  CHECK(result.left_out == 0);
}
