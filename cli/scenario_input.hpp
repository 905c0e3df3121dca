// What every command on scenarios is told, and the reading of it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "model/scenario/scenario.hpp"
#include "scenarios/profiles.hpp"

namespace netlimits::cli {

struct ScenarioArguments {
  std::vector<std::string> files{};
  std::vector<std::string> overrides{};  // --set POINTER=VALUE
  std::string profile_directory{};
  std::optional<std::uint64_t> seed{};
  std::string made{};  // the text of a scenario that stands in for the one file; empty: none does
};

// The profiles compiled in, and the user's own. The error is what to print.
tl::expected<scenarios::ProfileSet, std::string> load_profiles(const std::string& directory);

// Reads and checks one file; warns on standard error of parts that nothing uses. The error is what to print.
tl::expected<Scenario, std::string> load(const ScenarioArguments& arguments, const std::string& file,
                                         const scenarios::ProfileSet& profiles);
// The same of a text that has been read; `name` is how messages call it.
tl::expected<Scenario, std::string> load_text(const ScenarioArguments& arguments, const std::string& text,
                                              const std::string& name, const scenarios::ProfileSet& profiles);

}  // namespace netlimits::cli
