// netlimits merge SHARD.json...
#pragma once

#include <string>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/result_output.hpp"

namespace netlimits::cli {

struct MergeArguments {
  std::vector<std::string> files{};
  std::string figure{};
  OutputArguments output{};
};

ExitCode merge_command(const MergeArguments& arguments);

}  // namespace netlimits::cli
