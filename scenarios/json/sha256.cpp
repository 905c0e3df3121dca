// SHA-256 by libmd.
#include "scenarios/json/sha256.hpp"

#include <sha2.h>

#include <array>
#include <cstdint>

#include <fmt/format.h>

namespace netlimits::scenarios {

std::string sha256(std::string_view bytes) {
  SHA2_CTX context{};
  ::SHA256Init(&context);
  ::SHA256Update(&context, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  std::array<std::uint8_t, SHA256_DIGEST_LENGTH> digest{};
  ::SHA256Final(digest.data(), &context);
  std::string text;
  for (const std::uint8_t byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace netlimits::scenarios
