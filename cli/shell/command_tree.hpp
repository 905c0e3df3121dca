// The command line described by itself: what help, the manual page and the completions of shells are made of.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

namespace netlimits::cli {

struct OptionWords {
  std::vector<std::string> names{};    // "-h", "--help"; of a positional argument its one name
  std::string value{};                 // "FILE", or a range; empty: it takes none
  std::vector<std::string> choices{};  // of the value, where they are few
  std::string usual{};                 // what it is when it is not given; or empty
  std::string about{};
  std::string group{};  // "Options", "Without a file"
  bool repeats = false;
};

struct CommandWords {
  std::string name{};
  std::string about{};                  // one paragraph
  std::vector<std::string> examples{};  // command lines, and what is said of them
  std::vector<OptionWords> arguments{};
  std::vector<OptionWords> options{};  // in the order in which they were declared
  std::vector<CommandWords> commands{};
};

// What an argument may be, by the command: names that the program knows.
using KnownNames = std::map<std::string, std::vector<std::string>>;

CommandWords command_tree(const CLI::App& app, const KnownNames& known = {});

// What the exit codes mean, a line each: "0  everything asked for holds".
std::vector<std::string> exit_code_lines();

}  // namespace netlimits::cli
