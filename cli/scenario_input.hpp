// The options that every command on scenarios shares, and the reading of them.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "model/scenario.hpp"
#include "scenarios/profiles.hpp"

namespace netlimits::cli {

struct ScenarioArguments {
  std::vector<std::string> files{};
  std::vector<std::string> overrides{};  // --set POINTER=VALUE
  std::string profile_directory{};
  std::optional<std::uint64_t> seed{};
};

// `several`: the command takes more than one file.
void add_scenario_arguments(CLI::App& command, ScenarioArguments& arguments, bool several);

// The profiles compiled in, and the user's own. The error is what to print.
tl::expected<scenarios::ProfileSet, std::string> load_profiles(const std::string& directory);

// Reads and checks one file. The error is what to print.
tl::expected<Scenario, std::string> load(const ScenarioArguments& arguments, const std::string& file,
                                         const scenarios::ProfileSet& profiles);

// Where the result goes and what it looks like.
struct OutputArguments {
  std::string format = "text";
  std::string file{};
};
void add_output_arguments(CLI::App& command, OutputArguments& arguments, const std::vector<std::string>& formats);

}  // namespace netlimits::cli
