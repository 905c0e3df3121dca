// --set: overrides of a scenario that is right, one a line.
#include <string>
#include <vector>

#include "scenarios/scenario_loader.hpp"
#include "tests/fuzz-targets/reader_target.hpp"

namespace {

constexpr const char* changed = R"({"netlimits": 1, "name": "changed",
  "hosts": {"client": {"addresses": ["10.0.0.5"], "processes": {"app": {"nofile": 512}}},
            "server": {"addresses": ["10.1.0.9"],
                       "processes": {"web": {"listeners": [{"endpoint": "0.0.0.0:443", "backlog": 511}]}}}},
  "paths": [{"between": ["client", "server"], "rtt": "200us"}],
  "workloads": {"load": {"from": "client/app", "to": ["10.1.0.9:443"], "connections": 320, "arrivals": {"rate": "200/s"}}},
  "expect": [{"name": "held", "at": "/workloads/load/established", "equals": 320}]})";

}  // namespace

void netlimits::fuzz_targets::read(std::string_view text) {
  scenarios::LoadOptions options;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    options.overrides.emplace_back(line);
    text.remove_prefix(line.size() < text.size() ? line.size() + 1 : line.size());
  }
  const auto loaded = scenarios::load_scenario(changed, "changed.json", scenarios::ProfileSet::built_in(), options);
  if (!loaded) check_errors(loaded.error());
}
