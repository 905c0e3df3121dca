// Reads UTF-8 character by character and replaces what a terminal, a log or a markup reader would obey.
#include "scenarios/json/plain_text.hpp"

#include <algorithm>
#include <cstdint>

namespace netlimits::scenarios {
namespace {

struct Character {
  std::uint32_t code = 0;
  std::size_t length = 1;
  bool valid = false;
};

// Requires: not empty.
Character first_character(std::string_view text) {
  const auto byte_at = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t lead = byte_at(0);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t length = lead >= 0xf0 && lead <= 0xf4   ? 4
                             : lead >= 0xe0 && lead <= 0xef ? 3
                             : lead >= 0xc2 && lead <= 0xdf ? 2
                                                            : 0;
  if (length == 0 || text.size() < length) return {};
  std::uint32_t code = lead & (0xffU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if (!continues_a_character(text[i])) return {};
    code = code << 6U | (byte_at(i) & 0x3fU);
  }
  const bool overlong = (length == 3 && code < 0x800) || (length == 4 && code < 0x10000);
  if (overlong || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return {};
  return {code, length, true};
}

bool steers(std::uint32_t code) {
  if (code == '\t' || code == '\n') return false;
  const auto between = [&](std::uint32_t first, std::uint32_t last) { return code >= first && code <= last; };
  return code < 0x20 || between(0x7f, 0x9f) || between(0x202a, 0x202e) || between(0x2066, 0x2069) ||
         between(0x200e, 0x200f) || code == 0x061c || between(0x2028, 0x2029) || between(0xfdd0, 0xfdef) ||
         (code & 0xfffeU) == 0xfffe;
}

}  // namespace

std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues_a_character(c); }));
}

std::string plain_text(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    const Character next = first_character(text);
    if (next.valid && !steers(next.code)) {
      plain += text.substr(0, next.length);
    } else {
      plain += '?';
    }
    text.remove_prefix(next.length);
  }
  return plain;
}

}  // namespace netlimits::scenarios
