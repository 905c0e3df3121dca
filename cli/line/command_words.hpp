// The first word of a command line: a command, or a scenario that stands in for one.
#pragma once

#include <string>
#include <vector>

#include <tl/expected.hpp>

namespace netlimits::cli {

// The words of a command line behind the program's name, with a command in front: "run" is put there where the first
// word is a scenario file, or - for standard input. A command goes before a file of the same name. What begins with a
// dash stays as it is: an option. The error is what to print of a word that is neither.
tl::expected<std::vector<std::string>, std::string> with_command(std::vector<std::string> words,
                                                                 const std::vector<std::string>& commands);

}  // namespace netlimits::cli
