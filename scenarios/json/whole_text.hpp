// All that a stream holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <string>

#include <tl/expected.hpp>

namespace netlimits::scenarios {

// What has no end (a device, a pipe that is always written to) is not read for ever.
inline constexpr std::size_t most_input_bytes = 100'000'000;

enum class ReadFailure : std::uint8_t {
  broken,    // on the way (a directory, a device's error)
  too_long,  // more than it may hold
};
// A clause that can stand alone.
std::string text_of(ReadFailure failure, std::size_t most = most_input_bytes);

// From where the stream stands to its end, which has to come within `most` bytes.
tl::expected<std::string, ReadFailure> whole_text(std::istream& stream, std::size_t most = most_input_bytes);

}  // namespace netlimits::scenarios
