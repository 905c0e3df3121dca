// What --help prints: in lines of at most 80 characters, an example first, the exit codes last.
#pragma once

#include <cstddef>
#include <string>

#include "cli/shell/command_tree.hpp"

namespace netlimits::cli {

inline constexpr std::size_t help_width = 80;

// Words in lines of at most so many characters, all but the first `indent` wide. A word that is longer has a line of
// its own.
std::string wrapped(const std::string& text, std::size_t indent, std::size_t first_indent);

// `path`: how the command is typed, "netlimits run".
std::string help_page(const CommandWords& command, const std::string& path);

// For CLI11, and all commands that are added after it is set.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string path, CLI::AppFormatMode mode) const override;
};

}  // namespace netlimits::cli
