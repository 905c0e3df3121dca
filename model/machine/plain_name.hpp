// A name that a scenario may use in place of one that a machine has.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>

namespace netlimits {

// As the names of a scenario: letters, digits, '.', '_' and '-'.
inline std::string plain_name(const std::string& name) {
  constexpr std::size_t longest_name = 64;
  std::string plain;
  for (const char letter : name) {
    const bool fits = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                      (letter >= '0' && letter <= '9') || letter == '.' || letter == '_' || letter == '-';
    plain += fits ? letter : '_';
  }
  plain.resize(std::min(plain.size(), longest_name));
  return plain.empty() ? "program" : plain;
}

}  // namespace netlimits
