// One piece of a text replaced, for mistakes in a scenario that is right otherwise.
#pragma once

#include <string>

#include "tests/catch.hpp"

namespace netlimits::scenarios {

// Requires (checked): `before` stands in the text. The first one is replaced.
inline std::string replaced(std::string text, const std::string& before, const std::string& after) {
  const std::size_t at = text.find(before);
  REQUIRE(at != std::string::npos);
  return text.replace(at, before.size(), after);
}

}  // namespace netlimits::scenarios
