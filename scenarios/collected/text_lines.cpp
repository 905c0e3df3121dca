// Cutting into lines and words, the columns of words in characters, and the errors that point at them.
#include "scenarios/collected/text_lines.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "scenarios/json/plain_text.hpp"

namespace netlimits::scenarios {
namespace {

constexpr std::string_view blanks = " \t\r";

}  // namespace

TextWord TextLine::part(std::size_t offset, std::size_t length) const {
  return {text.substr(offset, length), number, character_count(text.substr(0, offset)) + 1};
}

TextWord TextLine::from(std::size_t offset) const { return part(offset, text.size() - offset); }

std::vector<TextWord> TextLine::words() const {
  std::vector<TextWord> words;
  std::size_t at = text.find_first_not_of(blanks);
  while (at != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(blanks, at), text.size());
    words.push_back(part(at, end - at));
    at = text.find_first_not_of(blanks, end);
  }
  return words;
}

std::vector<TextLine> lines_of(std::string_view text) {
  std::vector<TextLine> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back({line, lines.size() + 1});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

InputError unexpected_word(const std::string& file, const TextWord& found, std::string expected, std::string hint) {
  return {.file = file,
          .line = found.line,
          .column = found.column,
          .pointer = {},
          .expected = std::move(expected),
          .message = "found " + in_quotes(found.text),
          .hint = std::move(hint)};
}

InputError line_too_short(const std::string& file, const TextLine& line, std::string expected, std::string hint) {
  InputError error = unexpected_word(file, line.from(line.text.size()), std::move(expected), std::move(hint));
  error.message = "found the end of the line";
  return error;
}

InputError error_of_file(std::string file, std::string expected, std::string message, std::string hint) {
  return {.file = std::move(file),
          .line = 0,
          .column = 0,
          .pointer = {},
          .expected = std::move(expected),
          .message = std::move(message),
          .hint = std::move(hint)};
}

InputErrors one_error(InputError error) {
  InputErrors errors;
  errors.push_back(std::move(error));
  return errors;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, value);
  if (problem != std::errc() || rest != end || text.empty()) return std::nullopt;
  return value;
}

}  // namespace netlimits::scenarios
