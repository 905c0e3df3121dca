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

}  // namespace netlimits::scenarios
