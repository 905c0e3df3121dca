// Reads UTF-8 character by character and replaces what a terminal, a log or a markup reader would obey.
#include "scenarios/json/plain_text.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>

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

constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::string_view hex_letters = "abcdefABCDEF";

bool starts_with_blank(std::string_view text) { return text.starts_with(' ') || text.starts_with('\t'); }

// "::error", "::add-mask ...": a colon pair and a word. An address such as ::1, ::ffff:10.0.0.1 or ::cafe is none.
bool is_workflow_command(std::string_view line) {
  if (!line.starts_with("::")) return false;
  line.remove_prefix(2);
  const std::string_view word = line.substr(0, line.find_first_not_of(std::string(letters) + "-_"));
  const std::string_view rest = line.substr(word.size());
  if (word.find_first_not_of(hex_letters) == std::string_view::npos) return false;
  return rest.empty() || rest.starts_with("::") || starts_with_blank(rest) || rest.starts_with('\n');
}

// "--- name": the log is folded there.
bool is_log_group(std::string_view line) {
  return (line.starts_with("---") || line.starts_with("+++") || line.starts_with("~~~") || line.starts_with("^^^")) &&
         (line.size() == 3 || starts_with_blank(line.substr(3)) || line[3] == '\n');
}

// "##[group]", "##vso[task.setvariable ...]", "##teamcity[...]".
bool is_log_command(std::string_view text) {
  if (!text.starts_with("##")) return false;
  const std::size_t end = text.find_first_not_of(letters, 2);
  return end != std::string_view::npos && text[end] == '[';
}

std::string json_escape(std::uint32_t code) {
  if (code < 0x10000) return fmt::format("\\u{:04x}", code);
  code -= 0x10000;
  return fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + (code >> 10U), 0xdc00 + (code & 0x3ffU));
}

}  // namespace

std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !continues_a_character(c); }));
}

std::string plain_text(std::string_view text) {
  std::string plain;
  plain.reserve(text.size());
  bool only_blanks = true;  // so far, on this line
  while (!text.empty()) {
    const Character next = first_character(text);
    if (only_blanks && is_log_group(text)) {
      plain += '\\';
    } else if ((only_blanks && is_workflow_command(text)) || is_log_command(text)) {
      plain += text.front();
      plain += '\\';
      text.remove_prefix(1);
      only_blanks = false;
      continue;
    }
    if (next.valid && !steers(next.code)) {
      plain += text.substr(0, next.length);
    } else {
      plain += '?';
    }
    only_blanks = next.code == '\n' || (only_blanks && starts_with_blank(text));
    text.remove_prefix(next.length);
  }
  return plain;
}

std::string plain_line(std::string_view text) {
  std::string line(text);
  std::replace_if(
      line.begin(), line.end(), [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
  return plain_text(line);
}

std::string escaped_json(std::string_view json) {
  std::string escaped;
  escaped.reserve(json.size());
  while (!json.empty()) {
    const Character next = first_character(json);
    // A number sign is only found within strings.
    if (next.valid && (steers(next.code) || is_log_command(json))) {
      escaped += json_escape(next.code);
    } else {
      escaped += json.substr(0, next.length);
    }
    json.remove_prefix(next.length);
  }
  return escaped;
}

}  // namespace netlimits::scenarios
