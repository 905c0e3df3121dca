// When a port that never comes is told, and that the model's own choices give no reason.
#include "fuzz/port_choice_tally.hpp"

#include "fuzz/script_generator.hpp"
#include "sim/script_on_model.hpp"
#include "tests/catch.hpp"

using namespace netlimits;
using namespace netlimits::fuzz;

namespace {

ScriptRun choice(std::uint16_t taken, std::vector<std::uint16_t> candidates, std::uint32_t draws) {
  ScriptRun run;
  run.choices.push_back({"connect.automatic-port", false, false, std::move(candidates), draws, taken});
  return run;
}

}  // namespace

TEST_CASE("a port that should have come thirty times and never came is told, once") {
  PortChoiceTally tally;
  std::vector<NeverTakenPort> told;
  for (std::uint64_t number = 0; number < 200; ++number) {
    const auto now = tally.add(choice(number % 2 == 0 ? 40000 : 40002, {40000, 40001, 40002}, 4).choices, number);
    if (number + 1 < 4 * PortChoiceTally::certainty) CHECK(now.empty());
    told.insert(told.end(), now.begin(), now.end());
  }
  REQUIRE(told.size() == 1);
  CHECK(told[0].port == 40001);
  CHECK(told[0].choices == 4 * PortChoiceTally::certainty);
  CHECK(told[0].first_case == 0);
}

TEST_CASE("choices among other ports, or with other options, do not count together") {
  PortChoiceTally tally;
  for (std::uint64_t number = 0; number < 100; ++number) {
    CHECK(tally.add(choice(40000, {40000, 40001}, 4).choices, number).empty());
    CHECK(tally.add(choice(40000, {40000, 40003}, 4).choices, number).empty());
    ScriptRun with_option = choice(40000, {40000, 40001}, 4);
    with_option.choices[0].reuse_address = true;
    CHECK(tally.add(with_option.choices, number).empty());
  }
}

TEST_CASE("the model's own choices accuse it of nothing") {
  const sim::ModelScriptRunner model;
  PortChoiceTally tally;
  std::uint64_t choices = 0;
  for (std::uint64_t number = 0; number < 4000; ++number) {
    const Script script = random_script(3, number);
    const ScriptRun drawn = model.run(script, nullptr, false);
    const ScriptRun followed = model.run(script, &drawn, false);
    choices += followed.choices.size();
    CHECK(tally.add(followed.choices, number).empty());
  }
  CHECK(choices > 2000);
}
