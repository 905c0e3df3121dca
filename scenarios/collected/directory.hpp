// The files of a directory in which somebody has collected what a machine says of itself (docs/probe.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/machine/collected.hpp"
#include "scenarios/json/input_error.hpp"

namespace netlimits::scenarios {

// The names that count, and the command that makes each; a file may also end in ".txt".
struct CollectedFile {
  std::string_view name;
  std::string_view command;
};
const std::vector<CollectedFile>& collected_files();

// Reads every file that counts. Others are named in `notes`. Fails when the directory cannot be read, or when none of
// its files counts. A file that is there twice (with and without ".txt") is an error.
struct CollectedDirectory {
  Collected collected{};
  std::vector<std::string> notes{};
};
Loaded<CollectedDirectory> collect_directory(const std::string& directory);

}  // namespace netlimits::scenarios
