// What a command says on standard error: the one way there.
#pragma once

#include <string>

namespace netlimits::cli {

// A message of one line, whatever names and quotations are in it.
void complain(const std::string& message);

// Errors of an input, one a line (scenarios::text_of): whoever made them put none of a name's line ends into them.
void complain_of_lines(const std::string& lines);

}  // namespace netlimits::cli
