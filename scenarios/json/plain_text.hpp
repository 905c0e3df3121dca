// Text that comes from outside (names, messages, file names, what tools print), made fit to be shown.
//
// Here are the two forms that the readers of files need themselves: their errors are lines of text, and what they write
// is JSON. report/forms/escaping.hpp has the other forms, which stand on these.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace netlimits::scenarios {

// Is this byte one after the first of a character of UTF-8?
constexpr bool continues_a_character(char c) { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80U; }

// How many characters a text in UTF-8 has. A byte that belongs to none is counted with the character before it.
std::size_t character_count(std::string_view text);

// The text with nothing that steers its reader. A question mark stands for each control character (C0 but tab and line
// feed, DEL, C1), each override or isolate of writing direction (UAX 9: U+202A to U+202E, U+2066 to U+2069, U+200E,
// U+200F, U+061C), line and paragraph separator, non-character (XML 1.0, 2.2 Char), and each byte that is not UTF-8
// (RFC 3629). A backslash breaks what the log of a build server obeys: "::error" at the beginning of a line (GitHub),
// "##[error]", "##vso[" and "##teamcity[" anywhere (GitHub, Azure, TeamCity), "--- " and its like at the beginning of a
// line (Buildkite). Plain text stays as it is: twice is once.
std::string plain_text(std::string_view text);

// The same on one line, with blanks for line ends and tabs.
std::string plain_line(std::string_view text);

// JSON that is written already, in ASCII where it matters: JSON keeps all that plain_text() takes away, as escapes.
// Requires: UTF-8.
std::string escaped_json(std::string_view json);

}  // namespace netlimits::scenarios
