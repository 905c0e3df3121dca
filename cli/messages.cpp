// Both pass through what every line of text passes through.
#include "cli/messages.hpp"

#include <iostream>
#include <string_view>

#include "report/forms/escaping.hpp"

namespace netlimits::cli {

void complain(const std::string& message) { std::cerr << report::text_line(message) << "\n"; }

void complain_of_lines(const std::string& lines) {
  for (std::string_view rest = lines; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    std::cerr << report::text_line(line) << "\n";
    rest.remove_prefix(line.size() < rest.size() ? line.size() + 1 : line.size());
  }
}

}  // namespace netlimits::cli
