// netlimits script FILE|DIR... --model | --kernel | --both
#pragma once

#include <string>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/result_output.hpp"

namespace netlimits::cli {

struct ScriptArguments {
  std::vector<std::string> files{};
  bool model = false;
  bool kernel = false;
  bool both = false;
  std::string only{};
  bool skip_slow = false;
  bool require_kernel = false;
  unsigned jobs = 1;
  std::string profile_directory{};
  OutputArguments output{};

  bool ask_model() const { return model || both; }
  bool ask_kernel() const { return kernel || both; }
};

ExitCode script_command(const ScriptArguments& arguments);

}  // namespace netlimits::cli
