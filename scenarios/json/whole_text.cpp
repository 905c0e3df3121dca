// Reading in blocks, with failures as values.
#include "scenarios/json/whole_text.hpp"

#include <array>
#include <istream>

namespace netlimits::scenarios {

// Not by a streambuf iterator: libstdc++ lets the failure of a file's buffer out of it as an exception.
std::optional<std::string> whole_text(std::istream& stream) {
  std::string text;
  std::array<char, 65536> part{};
  while (stream) {
    stream.read(part.data(), static_cast<std::streamsize>(part.size()));
    text.append(part.data(), static_cast<std::size_t>(stream.gcount()));
  }
  if (stream.bad()) return std::nullopt;
  return text;
}

}  // namespace netlimits::scenarios
