// A copy of each profile with the kernel's rules, and the settings that the kernel lacks.
#include "scenarios/collected/kernel_rules.hpp"

#include <memory>
#include <utility>

#include <fmt/format.h>

#include "model/systems/os_profile.hpp"
#include "model/systems/setting.hpp"

namespace netlimits::scenarios {

std::vector<std::string> take_rules_of(const OsProfile& kernel, std::string_view release, Scenario& scenario) {
  std::vector<std::string> changes;
  for (auto& [name, group] : scenario.hosts) {
    if (group.profile->system != kernel.system || group.profile->rules == kernel.rules) continue;
    auto profile = std::make_shared<OsProfile>(*group.profile);
    profile->kernel = kernel.kernel;
    profile->rules = kernel.rules;
    profile->settings_absent = kernel.settings_absent;
    for (const std::string& absent : kernel.settings_absent) {
      if (group.set_by_scenario.contains(absent)) continue;
      const std::string value = read_setting(kernel.settings, kernel.system, absent);
      // A kernel's own value is legal, and nothing bounds a setting that does not exist.
      (void)write_setting(profile->settings, kernel.system, absent, value);
      (void)write_setting(group.settings, kernel.system, absent, value);
    }
    changes.push_back(fmt::format("{}: this kernel is Linux {}, so it is predicted with the rules of {}, not of {}",
                                  name, release, kernel.name, group.profile->name));
    group.profile = std::move(profile);
  }
  return changes;
}

}  // namespace netlimits::scenarios
