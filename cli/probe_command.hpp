// netlimits probe
#pragma once

#include <optional>
#include <string>

#include "cli/exit_code.hpp"
#include "cli/result_output.hpp"

namespace netlimits::cli {

struct ProbeArguments {
  std::optional<int> process{};
  std::string directory{};
  std::string to{};
  std::string profile{};
  std::string profile_directory{};
  OutputArguments output{};
};

ExitCode probe_command(const ProbeArguments& arguments);

}  // namespace netlimits::cli
