// An error as one line of text, and quoting that is safe on a terminal.
#include "scenarios/json/input_error.hpp"

#include <cstdint>
#include <utility>

#include <fmt/format.h>

#include "scenarios/json/plain_text.hpp"

namespace netlimits::scenarios {
namespace {

constexpr std::size_t longest_quote = 80;

}  // namespace

std::string InputError::text() const {
  std::string text = file;
  if (line != 0) text += fmt::format(":{}:{}", line, column);
  text += ": ";
  if (!pointer.empty()) text += pointer + ": ";
  if (!expected.empty()) text += fmt::format("expected {}, ", expected);
  text += message;
  if (!hint.empty()) text += "; " + hint;
  return plain_line(text);
}

InputError others_not_shown(std::string file, std::optional<std::size_t> count) {
  InputError note;
  note.file = std::move(file);
  note.message = count ? fmt::format("{} more error{} not shown", *count, *count == 1 ? " is" : "s are")
                       : "too many errors: nothing behind the last one was read";
  note.hint = "repair the first ones and look again";
  return note;
}

std::string text_of(const InputErrors& errors) {
  std::string text;
  for (const InputError& error : errors) {
    if (!text.empty()) text += '\n';
    text += error.text();
  }
  return text;
}

std::string in_quotes(std::string_view text) {
  bool cut = false;
  if (text.size() > longest_quote) {
    std::size_t length = longest_quote;
    while (length > 0 && continues_a_character(text[length])) --length;
    text = text.substr(0, length);
    cut = true;
  }
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<std::uint8_t>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      result += fmt::format("\\u{:04x}", byte);
    } else {
      result += c;
    }
  }
  return escaped_json(result) + (cut ? "\"..." : "\"");
}

}  // namespace netlimits::scenarios
