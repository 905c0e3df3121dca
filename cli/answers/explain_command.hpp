// netlimits explain LIMIT|SETTING|ERROR|RULE
#pragma once

#include <string>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/result_output.hpp"

namespace netlimits::cli {

struct ExplainArguments {
  std::vector<std::string> words{};  // of one name or message; none: the list of what can be explained
  std::string profile_directory{};
  OutputArguments output{};
};

ExitCode explain_command(const ExplainArguments& arguments);

}  // namespace netlimits::cli
