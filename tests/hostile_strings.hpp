// One list of texts that try to steer whoever reads them, and what no output may hold whatever it was given.
#pragma once

#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <vector>

namespace netlimits::tests {

// All of them are UTF-8, so that every format can hold them.
inline const std::vector<std::string>& hostile_strings() {
  static const std::vector<std::string> strings{
      "\x1b[31mred\x1b]0;title\x07\x1b[2J",
      "c1 \u009b31m\u0085\u0090 del \x7f bs \b\b cr \r",
      "first\n::error file=x,line=1::pwned\n##[error]pwned\nok 99 - fake\nBail out!\r\n### head\n",
      "::error::pwned",
      "  ::stop-commands::token",
      "a ##vso[task.setvariable variable=x]y ##teamcity[z] ##[group]",
      "--- group",
      "over\u202egnp.exe \u2066isolate\u2069 mark\u200f\u200e\u061c",
      "line\u2028paragraph\u2029",
      "no character \ufffe\uffff\ufdd0\U0001fffe",
      "@someone and @org/team, me@example.org, #1, owner/repo#2, GH-3, !4",
      "https://example.org/x www.example.org HTTP://EXAMPLE.ORG mailto:me@example.org",
      "~~struck~~ **bold** __bold__ `code` [link](https://example.org) ![image](x) <b>tag</b> a|b $x$ &lt; :rocket:",
      "# head",
      "- item",
      "1. item",
      "```",
      "</td></table><script>alert(1)</script><!-- ]]> \"quoted\" 'quoted' &amp;",
      "ok # SKIP all is well \\# TODO \\",
      "tab\tnul-like \x01\x1f",
      "%0A%0D::error::x",
      "...\n---\n",
  };
  return strings;
}

// The character at which an output of any form steers who reads it, or a line that it obeys; empty when there is none.
// Found by another way than the program's own: by a JSON writer that escapes all but ASCII, and by patterns.
inline std::string steering(const std::string& output) {
  std::string ascii;
  try {
    ascii = nlohmann::json(output).dump(-1, ' ', true);
  } catch (const nlohmann::json::exception& no_utf8) {
    return no_utf8.what();
  }
  static const std::regex forbidden(
      R"(\\(b|f|r|u00[01][0-9a-f]|u007f|u00[89][0-9a-f]|u202[89a-e]|u206[6-9]|u200[ef]|u061c|ufff[ef]|ufd[de][0-9a-f]|u[0-9a-f]{4}\\udfff|u[0-9a-f]{4}\\udffe))");
  for (std::size_t at = ascii.find('\\'); at != std::string::npos; at = ascii.find('\\', at)) {
    std::smatch found;
    const std::string escape = ascii.substr(at, 12);
    if (std::regex_search(escape, found, forbidden, std::regex_constants::match_continuous)) return found.str();
    at += 2;
  }
  static const std::regex obeyed(
      R"((^|\n)[ \t]*::[A-Za-z-]+([ \t][^\n]*)?(::|\n|$)|##[A-Za-z]*\[|(^|\n)(---|\+\+\+|~~~|\^\^\^) )");
  std::smatch found;
  return std::regex_search(output, found, obeyed) ? found.str() : std::string();
}

// What of Markdown does more than to be read: a mention, a reference, a link, a picture, a strike, a tag.
inline std::string alive_in_markdown(const std::string& markdown) {
  static const std::regex alive(
      R"(@[A-Za-z0-9]|(^|[^&])#[0-9]|![0-9]|:\/\/|[Ww][Ww][Ww]\.|GH-|mailto:|(^|[^\\])~~|\]\(|:rocket:|<(?!/?details>|/?summary>|br>)[A-Za-z!/])");
  std::smatch found;
  for (auto at = markdown.begin(); std::regex_search(at, markdown.end(), found, alive); at = found[0].second) {
    // Behind a backslash a sign is a sign.
    const auto begin = found[0].first;
    const bool escaped = begin != markdown.begin() && *(begin - 1) == '\\' && *begin != '@' && *begin != '#' &&
                         *begin != ':' && *begin != '!';
    if (!escaped) return found.str();
  }
  return {};
}

}  // namespace netlimits::tests
