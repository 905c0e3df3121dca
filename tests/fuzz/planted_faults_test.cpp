// Every rule has its fault and no two faults are alike; and a hunt where the kernel is the right model itself.
#include "fuzz/planted_faults.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "fuzz/fault_hunt.hpp"
#include "model/systems/rule_book.hpp"
#include "sim/script_on_model.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::fuzz;

namespace {

std::optional<std::size_t> first_different_result(const ScriptRun& one, const ScriptRun& other) {
  for (std::size_t at = 0; at < std::min(one.steps.size(), other.steps.size()); ++at)
    if (one.steps[at].result != other.steps[at].result || one.steps[at].found != other.steps[at].found) return at;
  return std::nullopt;
}

}  // namespace

TEST_CASE("every rule that says what one would believe without it has a planted fault, and no two faults are alike") {
  std::set<std::string_view> names;
  const std::vector<PlantedFault> faults = planted_faults();
  for (const PlantedFault& fault : faults) {
    CHECK(names.insert(fault.name).second);
    CHECK_FALSE(fault.believes.empty());
    CHECK_FALSE(fault.rules == Rules{});
    const auto twins = std::count_if(faults.begin(), faults.end(),
                                     [&](const PlantedFault& other) { return other.rules == fault.rules; });
    CHECK(twins == 1);
  }
  std::size_t left_out = 0;
  for (const RuleFacts& row : rule_book()) {
    if (row.believes.empty() || !Rules{}.has(row.rule)) continue;
    CAPTURE(row.name);
    const auto fault =
        std::find_if(faults.begin(), faults.end(), [&](const PlantedFault& one) { return one.name == row.name; });
    REQUIRE(fault != faults.end());
    CHECK(fault->rules == without(row.rule));
    ++left_out;
  }
  CHECK(left_out >= 50);
}

TEST_CASE("faults of an older kernel's model lack one rule of that kernel's, and none that it never had") {
  const Rules older = without(Rule::connect_revived_port);
  std::size_t seen = 0;
  for (const PlantedFault& fault : planted_faults(older)) {
    CHECK_FALSE(fault.rules.has(Rule::connect_revived_port));
    CHECK_FALSE(fault.rules == older);
    ++seen;
  }
  CHECK(seen + 1 == planted_faults().size());
}

TEST_CASE(
    "a fault hunt on a kernel that is the right model itself notices what the model lacks and accuses nothing else") {
  const sim::ModelScriptRunner right;
  const auto kernel = [&](const Script& script) { return right.run(script, nullptr, false); };
  const PlantedFault faults[] = {
      {"none", "nothing wrong", {}, false},
      {"no-time-wait", "there is no TIME_WAIT", without(Rule::time_wait_first_closer), false},
      {"any-user", "SO_REUSEPORT shares between users", without(Rule::bind_other_user_in_the_way), true},
  };
  FaultHuntOptions options;
  options.cases = 1500;
  options.shrink = true;
  const FaultHuntResult result = hunt_faults(options, faults, kernel, first_different_result);
  CHECK(result.cases == 1500);
  CHECK(result.left_out == 0);
  CHECK_FALSE(result.faults[0].cases);
  REQUIRE(result.faults[1].cases);
  CHECK(result.faults[1].script.steps.size() <= result.faults[1].drawn_steps);
  CHECK(result.faults[1].kernel != result.faults[1].model);
  CHECK_FALSE(result.faults[2].why_not_run.empty());
}
