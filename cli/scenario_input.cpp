#include "cli/scenario_input.hpp"

#include "cli/files.hpp"
#include "scenarios/scenario_loader.hpp"

namespace netlimits::cli {

void add_scenario_arguments(CLI::App& command, ScenarioArguments& arguments, bool several) {
  auto* files = command.add_option("scenario", arguments.files, "Scenario file, or - for standard input")->required();
  if (!several) files->expected(1);
  command.add_option("--set", arguments.overrides, "Change the scenario: POINTER=VALUE (JSON pointer, JSON value)")
      ->type_name("POINTER=VALUE")
      ->expected(1)
      ->take_all();
  command.add_option("--seed", arguments.seed, "Seed in place of the scenario's own");
  command
      .add_option("--profile-dir", arguments.profile_directory, "Directory with operating-system profiles of your own")
      ->type_name("DIR");
}

tl::expected<scenarios::ProfileSet, std::string> load_profiles(const std::string& directory) {
  if (directory.empty()) return scenarios::ProfileSet::built_in();
  auto loaded = scenarios::ProfileSet::with_directory(directory);
  if (!loaded) return tl::unexpected(scenarios::text_of(loaded.error()));
  return std::move(*loaded);
}

tl::expected<Scenario, std::string> load(const ScenarioArguments& arguments, const std::string& file,
                                         const scenarios::ProfileSet& profiles) {
  const auto text = read_input(file);
  if (!text) return tl::unexpected(text.error());
  auto scenario = scenarios::load_scenario(*text, display_name(file), profiles,
                                           {.overrides = arguments.overrides, .seed = arguments.seed});
  if (!scenario) return tl::unexpected(scenarios::text_of(scenario.error()));
  return std::move(*scenario);
}

void add_output_arguments(CLI::App& command, OutputArguments& arguments, const std::vector<std::string>& formats) {
  command.add_option("--format", arguments.format, "Form of the result")
      ->check(CLI::IsMember(formats))
      ->capture_default_str();
  command.add_option("--output", arguments.file, "Write the result to this file")->type_name("FILE");
}

}  // namespace netlimits::cli
