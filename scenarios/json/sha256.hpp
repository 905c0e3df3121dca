// SHA-256 (FIPS 180-4), to name the bytes that a result belongs to.
#pragma once

#include <string>
#include <string_view>

namespace netlimits::scenarios {

// 64 hexadecimal digits.
std::string sha256(std::string_view bytes);

}  // namespace netlimits::scenarios
