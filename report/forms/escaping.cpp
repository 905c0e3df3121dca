// First what no form may hold is taken away, then each form's own signs are escaped.
#include "report/forms/escaping.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "scenarios/json/plain_text.hpp"

namespace netlimits::report {
namespace {

// Takes no room and belongs to no word: what follows it is not read with what is before it. A backslash would not do,
// for mentions and references are looked for in the text that Markdown has made.
constexpr std::string_view word_break = "&#8203;";

constexpr std::string_view markdown_signs = "\\`*_[]<>|~$";

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_word(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

// ":rocket:" becomes a picture. A word of hexadecimal digits is a part of an address.
bool is_picture(std::string_view text) {
  if (!text.starts_with(':')) return false;
  const std::string_view rest = text.substr(1);
  const auto end = std::find_if(rest.begin(), rest.end(), [](char c) { return !is_word(c) && c != '-' && c != '+'; });
  return end != rest.begin() && end != rest.end() && *end == ':' && !std::all_of(rest.begin(), end, is_hex);
}

// How many bytes from here on are to be followed by a word break: "@", "#" before a number, "http:", "www", ...
std::size_t broken_behind(std::string_view text, char before) {
  if (text.front() == '@') return 1;
  if ((text.front() == '#' || text.front() == '!') && text.size() > 1 && is_digit(text[1])) return 1;
  if (text.starts_with("://") || is_picture(text)) return 1;
  if (is_word(before) && before != '_') return 0;
  const auto begins = [text](std::string_view word) {
    return text.size() >= word.size() && std::equal(word.begin(), word.end(), text.begin(), [](char lower, char c) {
             return c == lower || (c >= 'A' && c <= 'Z' && c - 'A' + 'a' == lower);
           });
  };
  if (begins("www.")) return 3;
  if (begins("gh-")) return 2;
  return begins("mailto:") || begins("xmpp:") ? text.find(':') : 0;
}

// How many bytes at the beginning of a line would make it a heading, a list, a rule or a fence, if not escaped.
std::size_t block_mark(std::string_view line) {
  const char first = line.empty() ? ' ' : line.front();
  if (first == '#' || first == '-' || first == '+' || first == '=') {
    const std::size_t end = std::min(line.find_first_not_of(first), line.size());
    return end == line.size() || line[end] == ' ' ? 1 : 0;
  }
  const std::size_t digits = static_cast<std::size_t>(
      std::find_if(line.begin(), line.end(), [](char c) { return !is_digit(c); }) - line.begin());
  const bool counts = digits > 0 && digits < line.size() && (line[digits] == '.' || line[digits] == ')') &&
                      (digits + 1 == line.size() || line[digits + 1] == ' ');
  return counts ? digits + 1 : 0;
}

template <class Escape>
std::string with_word_breaks(std::string_view text, Escape&& escape) {
  std::string escaped;
  char before = ' ';
  std::size_t unbroken = 0;  // bytes until the next word break
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (unbroken == 0) unbroken = broken_behind(text.substr(i), before);
    escaped += escape(text[i], i);
    before = text[i];
    if (unbroken > 0 && --unbroken == 0) escaped += word_break;
  }
  return escaped;
}

std::string html_sign(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    default:
      return {c};
  }
}

std::string percent(char c) { return fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c))); }

}  // namespace

std::string text_line(std::string_view text) { return scenarios::plain_line(text); }

std::string markdown_text(std::string_view text) {
  const std::string plain = scenarios::plain_line(text);
  std::string_view rest = plain;
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));  // four blanks would make it code
  const std::size_t mark = rest.size() > 1 ? block_mark(rest) : 0;
  return with_word_breaks(rest, [&](char c, std::size_t at) {
    const bool begins_reference = c == '&' && at + 1 < rest.size() && (rest[at + 1] == '#' || is_word(rest[at + 1]));
    const bool escape = at + 1 == mark || begins_reference || markdown_signs.find(c) != std::string_view::npos;
    return escape ? std::string{'\\', c} : std::string{c};
  });
}

std::string markdown_html_text(std::string_view text) {
  return with_word_breaks(scenarios::plain_line(text), [](char c, std::size_t) {
    const bool is_sign = c != '<' && c != '>' && markdown_signs.find(c) != std::string_view::npos;
    return is_sign ? fmt::format("&#{};", static_cast<int>(c)) : html_sign(c);
  });
}

std::string html_text(std::string_view text) {
  std::string escaped;
  for (const char c : scenarios::plain_text(text)) escaped += html_sign(c);
  return escaped;
}

std::string xml_line(std::string_view text) { return scenarios::plain_line(text); }
std::string xml_lines(std::string_view text) { return scenarios::plain_text(text); }

std::string tap_text(std::string_view text) {
  std::string escaped;
  for (const char c : scenarios::plain_line(text)) {
    if (c == '#' || c == '\\') escaped += '\\';  // # begins a directive
    escaped += c;
  }
  return escaped;
}

std::string tap_scalar(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : scenarios::plain_text(text)) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (c == '\t') {
      quoted += "\\t";
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string command_data(std::string_view text) {
  std::string escaped;
  for (const char c : scenarios::plain_text(text)) escaped += c == '%' || c == '\n' ? percent(c) : std::string{c};
  return escaped;
}

std::string command_property(std::string_view text) {
  std::string escaped;
  for (const char c : command_data(scenarios::plain_line(text)))
    escaped += c == ':' || c == ',' ? percent(c) : std::string{c};
  return escaped;
}

}  // namespace netlimits::report
