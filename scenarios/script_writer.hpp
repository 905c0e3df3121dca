// A socket script as a file that can be run again (docs/socket-scripts.md).
#pragma once

#include <span>
#include <string>

#include "model/script/script.hpp"

namespace netlimits::scenarios {

// A whole file with these scripts, readable by the script loader: what goes in comes out again.
std::string script_file(const std::string& group, const std::string& about, std::span<const Script> scripts);

}  // namespace netlimits::scenarios
