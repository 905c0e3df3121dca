// Reading in blocks, with failures as values.
#include "scenarios/json/whole_text.hpp"

#include <array>
#include <istream>

#include <fmt/format.h>

namespace netlimits::scenarios {

std::string text_of(ReadFailure failure, std::size_t most) {
  if (failure == ReadFailure::broken) return "reading failed";
  return fmt::format("has no end within {} bytes, and more is not read", most);
}

// Not by a streambuf iterator: libstdc++ lets the failure of a file's buffer out of it as an exception.
tl::expected<std::string, ReadFailure> whole_text(std::istream& stream, std::size_t most) {
  std::string text;
  std::array<char, 65536> part{};
  while (stream) {
    stream.read(part.data(), static_cast<std::streamsize>(part.size()));
    text.append(part.data(), static_cast<std::size_t>(stream.gcount()));
    if (text.size() > most) return tl::unexpected(ReadFailure::too_long);
  }
  if (stream.bad()) return tl::unexpected(ReadFailure::broken);
  return text;
}

}  // namespace netlimits::scenarios
