// The manual page, section 1.
#pragma once

#include <string>

#include "cli/shell/command_tree.hpp"

namespace netlimits::cli {

// For man(7). `version` is that of the program.
std::string man_page(const CommandWords& tree, const std::string& version);

}  // namespace netlimits::cli
