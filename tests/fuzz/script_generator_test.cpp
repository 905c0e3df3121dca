// What 60,000 random scripts reach on the model, and that each follows from its seed and number.
#include "fuzz/script_generator.hpp"

#include <string>
#include <vector>

#include "model/systems/rule_book.hpp"
#include "sim/script_on_model.hpp"
#include "tests/catch.hpp"

namespace netlimits::fuzz {
namespace {

constexpr std::uint64_t seed = 1;
constexpr std::uint64_t cases = 60'000;

// What of a step decides what it does.
std::string told(const Step& step) {
  std::string text(name_of(step.call));
  for (const std::string& part : {step.as, step.socket, step.process, step.option, step.text_value, step.address,
                                  step.port, step.how, step.sysctl_name, step.sysctl_value})
    text.append(1, ' ').append(part);
  for (const std::int64_t value : step.value) text.append(1, ' ').append(std::to_string(value));
  return text;
}

std::vector<std::string> told(const Script& script) {
  std::vector<std::string> steps;
  for (const Step& step : script.steps) steps.push_back(told(step));
  return steps;
}

}  // namespace

TEST_CASE("random scripts reach every rule that a script can reach") {
  GeneratorOptions options;
  options.several_users = true;
  const sim::ModelScriptRunner model;
  RuleSet reached;
  for (std::uint64_t number = 0; number < cases; ++number) {
    const ScriptRun run = model.run(random_script(seed, number, options), nullptr, false);
    REQUIRE(run.not_run == "");
    reached |= run.rules;
  }
  for (const RuleFacts& rule : rule_book()) {
    if (!rule.marked) continue;
    CAPTURE(rule.name);
    const bool within_reach =
        rule.reach == RuleReach::random || rule.reach == RuleReach::minute || rule.reach == RuleReach::several_users;
    CHECK(reached.has(rule.rule) == within_reach);
  }
}

TEST_CASE("a script is its seed and its number") {
  for (std::uint64_t number = 0; number < 200; ++number) {
    CHECK(told(random_script(7, number)) == told(random_script(7, number)));
  }
  CHECK(told(random_script(7, 1)) != told(random_script(8, 1)));
  CHECK(told(random_script(7, 1)) != told(random_script(7, 2)));
}

TEST_CASE("a kernel's case is every kernel's case, but for the settings that it does not have") {
  GeneratorOptions lacking;
  lacking.settings_absent = {"net.ipv4.tcp_tw_reuse_delay"};
  std::size_t named = 0;
  for (std::uint64_t number = 0; number < 3000; ++number) {
    Script whole = random_script(5, number);
    const Script without = random_script(5, number, lacking);
    const auto is_it = [](const Step& step) { return step.sysctl_name == "net.ipv4.tcp_tw_reuse_delay"; };
    for (auto& [name, host] : whole.hosts) named += host.sysctl.erase("net.ipv4.tcp_tw_reuse_delay");
    named += std::erase_if(whole.steps, is_it);
    CHECK(told(whole) == told(without));
    for (const auto& [name, host] : without.hosts) CHECK(host.sysctl == whole.hosts.at(name).sysctl);
  }
  CHECK(named > 100);
}

TEST_CASE("only the cases that are set apart wait for a kernel's timers") {
  GeneratorOptions options;
  options.patient_every = 0;
  options.minute_every = 100;
  for (std::uint64_t number = 0; number < 1000; ++number) {
    Duration waited{};
    for (const Step& step : random_script(3, number, options).steps) waited += step.sleep;
    CAPTURE(number);
    CHECK((waited >= std::chrono::minutes(1)) == (number % 100 == 50));
    CHECK((waited < std::chrono::milliseconds(300) || number % 100 == 50));
  }
}

}  // namespace netlimits::fuzz
