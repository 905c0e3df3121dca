// Reads files of socket scripts (docs/socket-scripts.md): strictly, with the place of every error.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/script/script.hpp"
#include "scenarios/json/input_error.hpp"

namespace netlimits::scenarios {

// `text` is a whole file; `name` is how errors call it. Refuses unknown calls, options and fields, fields that the call
// does not have, missing ones, hosts and processes that the script does not name, and the same script name twice.
Loaded<std::vector<Script>> load_scripts(std::string_view text, std::string name);

// One script of a file, or what is wrong with it.
struct ReadScript {
  std::string name{};  // of one that has none: its pointer, "/scripts/3"
  Script script{};     // empty where there are errors
  InputErrors errors{};
};

// The same, script by script: what is wrong within one leaves the others as they are. The error is one of the whole
// file.
Loaded<std::vector<ReadScript>> load_each_script(std::string_view text, std::string name);

}  // namespace netlimits::scenarios
