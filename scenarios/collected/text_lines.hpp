// A text as lines and words that know where they stand, for reading what kernels and tools print.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/json/input_error.hpp"

namespace netlimits::scenarios {

struct TextWord {
  std::string_view text;
  std::size_t line = 0;    // from 1
  std::size_t column = 0;  // from 1, in characters
};

struct TextLine {
  std::string_view text;  // without its end
  std::size_t number = 0;

  bool blank() const { return text.find_first_not_of(" \t\r") == std::string_view::npos; }
  std::vector<TextWord> words() const;      // between blanks
  TextWord from(std::size_t offset) const;  // the rest of the line from that byte on
  TextWord part(std::size_t offset, std::size_t length) const;
};

// Lines end with "\n" or "\r\n"; the last one may end with the text.
std::vector<TextLine> lines_of(std::string_view text);

// "file:line:column: expected EXPECTED, found WORD; hint".
InputError unexpected_word(const std::string& file, const TextWord& found, std::string expected, std::string hint = {});
// The same where the line ends too soon.
InputError line_too_short(const std::string& file, const TextLine& line, std::string expected, std::string hint = {});
// An error of the text as a whole.
InputError error_of_file(std::string file, std::string expected, std::string message, std::string hint = {});
InputErrors one_error(InputError error);

// A whole number in decimal, nothing else. Nothing when it does not fit.
std::optional<std::uint64_t> whole_number(std::string_view text);

}  // namespace netlimits::scenarios
