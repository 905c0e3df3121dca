// Each option once: its words, its check, where its value goes.
#include "cli/line/options.hpp"

#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>

#include "scenarios/json/input_error.hpp"
#include "scenarios/json/quantity.hpp"

namespace netlimits::cli {

const std::vector<Format>& every_format() {
  static const std::vector<Format> formats{Format::text,   Format::json,     Format::junit, Format::tap,
                                           Format::github, Format::markdown, Format::html};
  return formats;
}

std::string is_seed(const std::string& text) {
  std::int64_t seed = 0;
  const char* const end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, seed);
  const bool whole = error == std::errc{} && read == end && seed >= 0;
  return whole ? std::string() : "expected a seed from 0 to 9223372036854775807, found " + scenarios::in_quotes(text);
}

void add_profile_directory(CLI::App& command, std::string& directory) {
  command.add_option("--profile-dir", directory, "Directory with operating-system profiles of your own")
      ->type_name("DIR");
}

void add_scenario_changes(CLI::App& command, ScenarioArguments& arguments) {
  command.add_option("--set", arguments.overrides, "Change the scenario: POINTER=VALUE (JSON pointer, JSON value)")
      ->type_name("POINTER=VALUE")
      ->expected(1)
      ->take_all()
      ->allow_extra_args(false);
  command.add_option("--seed", arguments.seed, "Seed in place of the scenario's own")->check(is_seed);
  add_profile_directory(command, arguments.profile_directory);
}

CLI::Option* add_scenario_arguments(CLI::App& command, ScenarioArguments& arguments, bool several) {
  auto* files = command.add_option("scenario", arguments.files, "Scenario file, or - for standard input")->required();
  if (!several) files->expected(1);
  add_scenario_changes(command, arguments);
  return files;
}

void add_bounds(CLI::App& command, RunBounds& bounds) {
  command
      .add_option("--memory", bounds.memory, "The most that a replay may need, as far as it can be told before: 4GiB")
      ->transform(CLI::AsSizeValue(false))
      ->type_name("SIZE");
  command
      .add_option("--steps", bounds.steps,
                  "The most events, timers and segments of a replay: 100000000, or any number with --timeout")
      ->type_name("N");
  command
      .add_option_function<std::string>(
          "--timeout", [&bounds](const std::string& text) { bounds.timeout = scenarios::parse_duration(text); },
          "The longest that a replay may take, such as 60s; without it, as long as it needs")
      ->check([](const std::string& text) {
        return scenarios::parse_duration(text)
                   ? std::string()
                   : "expected a duration such as 60s or 5min, found " + scenarios::in_quotes(text);
      })
      ->type_name("TIME");
}

void add_output_arguments(CLI::App& command, OutputArguments& arguments, const std::vector<Format>& formats) {
  std::vector<std::string> names;
  for (const Format format : formats) names.emplace_back(name_of(format));
  command
      .add_option_function<std::string>(
          "--format", [&arguments](const std::string& name) { arguments.format = *format_named(name); },
          "Form of the result")
      ->check(CLI::IsMember(names))
      ->default_str(std::string(name_of(arguments.format)));
  command.add_option("--output", arguments.file, "Write the result to this file, whole or not at all")
      ->type_name("FILE");
}

}  // namespace netlimits::cli
