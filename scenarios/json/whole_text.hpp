// All that a stream holds.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>

namespace netlimits::scenarios {

// From where the stream stands to its end. Nothing when reading fails on the way (a directory, a device's error).
std::optional<std::string> whole_text(std::istream& stream);

}  // namespace netlimits::scenarios
