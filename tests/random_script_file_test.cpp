// A random script that is saved has to be one that can be run again.
#include <span>

#include "fuzz/script_generator.hpp"
#include "scenarios/script_loader.hpp"
#include "scenarios/script_writer.hpp"
#include "sim/script_on_model.hpp"
#include "tests/catch.hpp"

using namespace netlimits;

TEST_CASE("every random script is printed as a file that reads back and runs as before") {
  const sim::ModelScriptRunner model;
  for (std::uint64_t number = 0; number < 2000; ++number) {
    const Script script = fuzz::random_script(5, number, {.several_users = true});
    const std::string text = scenarios::script_file("random", "one of them", std::span(&script, 1));
    const auto loaded = scenarios::load_scripts(text, "random.json");
    INFO(text);
    REQUIRE(loaded);
    const ScriptRun before = model.run(script, nullptr, false);
    const ScriptRun after = model.run(loaded->front(), nullptr, false);
    REQUIRE(before.steps.size() == after.steps.size());
    for (std::size_t at = 0; at < before.steps.size(); ++at) {
      CHECK(before.steps[at].result == after.steps[at].result);
      CHECK(before.steps[at].found == after.steps[at].found);
      CHECK(before.steps[at].port == after.steps[at].port);
    }
  }
}
