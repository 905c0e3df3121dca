// Collected files of a machine: each begins with a line "=== NAME". What is accepted is a host that a scenario takes.
#include <map>
#include <string>

#include "model/machine/machine_host.hpp"
#include "scenarios/collected/machine_reader.hpp"
#include "scenarios/host_writer.hpp"
#include "scenarios/scenario_loader.hpp"
#include "tests/fuzz-targets/reader_target.hpp"

namespace {

constexpr std::string_view mark = "=== ";

netlimits::Collected files_of(std::string_view text) {
  netlimits::Collected made;
  made.source = "collected files";
  std::string name;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
    if (line.starts_with(mark)) {
      name = line.substr(mark.size());
      made.texts[name].file = name;
    } else if (!name.empty()) {
      made.texts[name].text.append(line).append("\n");
    }
  }
  made.process_asked = made.texts.contains("status") || made.texts.contains("fd");
  return made;
}

}  // namespace

void netlimits::fuzz_targets::read(std::string_view text) {
  const auto& profiles = scenarios::ProfileSet::built_in();
  const auto machine = scenarios::read_machine(files_of(text), profiles);
  if (!machine) return check_errors(machine.error());
  const HostGroup host = host_of(*machine);
  const std::string scenario = R"({"netlimits": 1, "name": "pasted", "hosts": {"machine": )" +
                               scenarios::host_json(host) +
                               R"(, "far": {"addresses": ["203.0.113.9"], "processes": {"web": {"nofile": 1000,
      "listeners": [{"endpoint": "203.0.113.9:443"}]}}}}, "workloads": {"more": {"from": "machine/)" +
                               host.processes.front().name + R"(", "to": ["203.0.113.9:443"], "connections": 1}}})";
  const auto loaded = scenarios::load_scenario(scenario, "pasted.json", profiles);
  if (loaded) return;
  // The one address that this scenario takes for itself may be the machine's too.
  if (text.find("203.0.113.9") != std::string_view::npos) return;
  broken("a host that was accepted is taken by a scenario: " + scenarios::text_of(loaded.error()) + "\n" + scenario);
}
