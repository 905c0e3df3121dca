// The line, and the keys of a result.
#include "report/basis_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "report/program_version.hpp"

namespace netlimits::report {

RestsOn rests_on(const Scenario& scenario) {
  return {.version = std::string(program_version()),
          .seed = scenario.seed,
          .scenario_name = scenario.name,
          .basis = scenario.basis};
}

std::string basis_line(const RestsOn& on, Hashes hashes) {
  constexpr std::size_t enough = 12;
  const auto shown = [&](const std::string& hash) { return hashes == Hashes::cut ? hash.substr(0, enough) : hash; };
  std::string line = fmt::format("netlimits {}, seed {}", on.version, on.seed);
  if (!on.basis.sha256.empty())
    line += fmt::format(", scenario {}, in effect {}", shown(on.basis.sha256), shown(on.basis.effective_sha256));
  std::vector<std::string> overrides;
  for (const std::string& one : on.basis.overrides) overrides.push_back(fmt::format("--set {}", one));
  if (!overrides.empty()) line += fmt::format(" ({})", fmt::join(overrides, ", "));
  std::vector<std::string> profiles;
  for (const ProfileUsed& profile : on.basis.profiles) {
    const std::string kernel = profile.kernel.empty() ? "" : fmt::format(" (kernel {})", profile.kernel);
    profiles.push_back(fmt::format("{}{} {}", profile.name, kernel, shown(profile.sha256)));
  }
  if (!profiles.empty())
    line += fmt::format(", profile{} {}", profiles.size() == 1 ? "" : "s", fmt::join(profiles, ", "));
  if (!on.kernel.empty()) line += fmt::format(", kernel {}", on.kernel);
  return line;
}

void put_basis(nlohmann::json& into, const RestsOn& on) {
  into["version"] = on.version;
  into["seed"] = on.seed;
  into["scenario"] = {{"name", on.scenario_name},
                      {"sha256", on.basis.sha256},
                      {"effective_sha256", on.basis.effective_sha256},
                      {"overrides", on.basis.overrides}};
  nlohmann::json& profiles = into["profiles"] = nlohmann::json::array();
  for (const ProfileUsed& profile : on.basis.profiles) {
    profiles.push_back({{"name", profile.name}, {"sha256", profile.sha256}, {"kernel", nullptr}});
    if (!profile.kernel.empty()) profiles.back()["kernel"] = profile.kernel;
  }
}

}  // namespace netlimits::report
