// netlimits diagnose [--count N] [--rate R] [--error E] [--os P] [--from DIR] [--during load|idle]
#pragma once

#include <optional>
#include <string>

#include "cli/exit_code.hpp"
#include "cli/result_output.hpp"
#include "scenarios/diagnosis/diagnosis.hpp"

namespace netlimits::cli {

struct DiagnoseArguments {
  std::string count{};
  std::string rate{};
  std::string error{};
  std::string profile{};
  std::string directory{};  // collected files
  scenarios::During during = scenarios::During::either;
  std::string profile_directory{};
  OutputArguments output{};
};

ExitCode diagnose_command(const DiagnoseArguments& arguments);

}  // namespace netlimits::cli
