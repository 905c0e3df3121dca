// Text that comes from outside (names, messages, file names, what tools print), made fit to be shown.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace netlimits::scenarios {

// Is this byte one after the first of a character of UTF-8?
constexpr bool continues_a_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

// How many characters a text in UTF-8 has. A byte that belongs to none is counted with the character before it.
std::size_t character_count(std::string_view text);

// The text with nothing that steers its reader: a question mark stands for each control character (C0 but tab and line
// feed, DEL, C1), each override or isolate of writing direction (UAX 9: U+202A to U+202E, U+2066 to U+2069, U+200E,
// U+200F, U+061C), line and paragraph separator, non-character (XML 1.0, 2.2 Char), and each byte that is not UTF-8
// (RFC 3629).
std::string plain_text(std::string_view text);

}  // namespace netlimits::scenarios
