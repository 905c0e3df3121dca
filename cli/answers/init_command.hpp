// netlimits init [--case NAME]
#pragma once

#include <string>

#include "cli/exit_code.hpp"

namespace netlimits::cli {

struct InitArguments {
  std::string shape = "service";
  std::string host{};  // a file that `probe --format json` wrote, or - for standard input; empty: a template
  std::string to = "10.1.0.9:443";
  std::string profile_directory{};
  std::string output{};
};

ExitCode init_command(const InitArguments& arguments);

}  // namespace netlimits::cli
