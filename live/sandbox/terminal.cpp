// isatty(3) and the environment.
#include "live/sandbox/terminal.hpp"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace netlimits::live {

bool is_terminal(Stream stream) {
  if (isatty(stream == Stream::output ? STDOUT_FILENO : STDERR_FILENO) == 0) return false;
  const char* kind = std::getenv("TERM");
  return kind != nullptr && std::string_view(kind) != "dumb";
}

bool wants_colour(Stream stream) {
  const char* refused = std::getenv("NO_COLOR");
  return is_terminal(stream) && (refused == nullptr || *refused == '\0');
}

}  // namespace netlimits::live
