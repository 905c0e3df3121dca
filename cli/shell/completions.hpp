// Scripts for shells that complete commands, options and their values.
#pragma once

#include <string>

#include "cli/shell/command_tree.hpp"

namespace netlimits::cli {

// Each for the program `tree.name`. Where nothing is known of a word, shells offer files.
std::string bash_completion(const CommandWords& tree);
std::string zsh_completion(const CommandWords& tree);
std::string fish_completion(const CommandWords& tree);

}  // namespace netlimits::cli
