// Draws the world and its processes, then what kind of case it is: single calls, an episode among some, or a wait for
// timers.
#include "fuzz/script_generator.hpp"

#include <fmt/format.h>

#include <string>

#include "fuzz/random_steps.hpp"
#include "fuzz/script_draft.hpp"
#include "fuzz/script_episodes.hpp"
#include "fuzz/script_worlds.hpp"
#include "sim/random_stream.hpp"

namespace netlimits::fuzz {
namespace {

constexpr std::uint32_t ordinary_user = 1000;
constexpr std::uint32_t other_user = 1001;

const ScriptWorld& some_world(sim::RandomStream& draws) {
  std::uint32_t total = 0;
  for (const ScriptWorld& world : script_worlds()) total += world.weight;
  std::uint32_t left = draws.bits() % total;
  for (const ScriptWorld& world : script_worlds()) {
    if (left < world.weight) return world;
    left -= world.weight;
  }
  return script_worlds().back();
}

void add_processes(ScriptHost& host, sim::RandomStream& draws, const GeneratorOptions& options) {
  const auto one_in = [&](std::uint32_t count) { return draws.bits() % count == 0; };
  ScriptProcess& p = host.processes["p"];
  ScriptProcess& q = host.processes["q"];
  if (one_in(8)) p.nofile = 6;
  if (one_in(5)) p.uid = q.uid = ordinary_user;
  if (options.several_users && one_in(2)) q.uid = other_user;
}

// Nothing else of the case changes: on every kernel the same number is the same case, but for what one lacks.
void leave_out_settings(Script& script, const GeneratorOptions& options) {
  const auto absent = [&](const std::string& name) { return options.settings_absent.contains(name); };
  for (auto& [name, host] : script.hosts)
    std::erase_if(host.sysctl, [&](const auto& setting) { return absent(setting.first); });
  std::erase_if(script.steps, [&](const Step& step) { return step.call == Call::sysctl && absent(step.sysctl_name); });
}

}  // namespace

Script random_script(std::uint64_t seed, std::uint64_t number, const GeneratorOptions& options) {
  sim::RandomStream draws(seed, fmt::format("case {}", number));
  sim::RandomStream world_draws(seed, fmt::format("world {}", number / cases_per_world));
  const ScriptWorld& world = some_world(world_draws);
  Script script;
  script.name = fmt::format("fuzz/{}", number);
  script.hosts = hosts_of(world);
  for (auto& [name, host] : script.hosts) add_processes(host, world_draws, options);

  ScriptDraft draft(draws, world);
  const bool patient = options.patient_every != 0 && draws.bits() % options.patient_every == 0;
  if (options.minute_every != 0 && number % options.minute_every == options.minute_every / 2) {
    add_minute_episode(draft);
  } else if (patient) {
    for (auto& [name, host] : script.hosts) host.processes["p"].nofile = ScriptProcess{}.nofile;
    add_patient_episode(draft);
  } else if (draft.drawn(65)) {
    if (draft.drawn(12)) add_random_steps(draft, 2 + draft.below(3));
    add_episode(draft);
    add_random_steps(draft, draft.below(6));
  } else {
    add_random_steps(draft, options.least_steps + draft.below(options.most_steps - options.least_steps + 1));
  }
  script.steps = draft.take_steps();
  leave_out_settings(script, options);
  return script;
}

}  // namespace netlimits::fuzz
