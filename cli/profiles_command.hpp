// netlimits profiles [NAME]
#pragma once

#include <string>

#include "cli/exit_code.hpp"
#include "cli/result_output.hpp"

namespace netlimits::cli {

struct ProfilesArguments {
  std::string name{};
  std::string profile_directory{};
  OutputArguments output{};
};

ExitCode profiles_command(const ProfilesArguments& arguments);

}  // namespace netlimits::cli
