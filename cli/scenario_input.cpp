// Profiles first, then the file with its overrides; errors become text here.
#include "cli/scenario_input.hpp"

#include <fmt/format.h>

#include "cli/files.hpp"
#include "cli/messages.hpp"
#include "scenarios/scenario_loader.hpp"

namespace netlimits::cli {

tl::expected<scenarios::ProfileSet, std::string> load_profiles(const std::string& directory) {
  if (directory.empty()) return scenarios::ProfileSet::built_in();
  auto loaded = scenarios::ProfileSet::with_directory(directory);
  if (!loaded) return tl::unexpected(scenarios::text_of(loaded.error()));
  return std::move(*loaded);
}

tl::expected<Scenario, std::string> load(const ScenarioArguments& arguments, const std::string& file,
                                         const scenarios::ProfileSet& profiles) {
  if (!arguments.made.empty()) return load_text(arguments, arguments.made, file, profiles);
  const auto text = read_input(file);
  if (!text) return tl::unexpected(text.error());
  return load_text(arguments, *text, display_name(file), profiles);
}

tl::expected<Scenario, std::string> load_text(const ScenarioArguments& arguments, const std::string& text,
                                              const std::string& name, const scenarios::ProfileSet& profiles) {
  scenarios::InputErrors warnings;
  auto scenario = scenarios::load_scenario(
      text, name, profiles, {.overrides = arguments.overrides, .seed = arguments.seed, .warnings = &warnings});
  if (!scenario) return tl::unexpected(scenarios::text_of(scenario.error()));
  for (const scenarios::InputError& warning : warnings) complain(fmt::format("warning: {}", warning.text()));
  return std::move(*scenario);
}

}  // namespace netlimits::cli
