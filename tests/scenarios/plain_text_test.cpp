// What is left of text that a terminal, a log or a markup reader would obey.
#include "scenarios/json/plain_text.hpp"

#include <string>

#include "tests/catch.hpp"

using netlimits::scenarios::character_count;
using netlimits::scenarios::escaped_json;
using netlimits::scenarios::plain_line;
using netlimits::scenarios::plain_text;

TEST_CASE("what a reader may see stays as it is") {
  for (const std::string text : {"", "plain", "tab\tand\nline", "\u00fc \u20ac \U0001f600", "::1 is an address"}) {
    CHECK(plain_text(text) == text);
  }
}

TEST_CASE("nothing that steers a terminal, a log or a markup reader is left") {
  CHECK(plain_text("a\x1b[31mred\x07") == "a?[31mred?");
  CHECK(plain_text("line\r\n") == "line?\n");
  CHECK(plain_text(std::string("nul\0.", 5)) == "nul?.");
  CHECK(plain_text("\u0085\u009b\x7f") == "???");
  CHECK(plain_text("txt.\u202eexe\u2066\u200f") == "txt.?exe??");
  CHECK(plain_text("\ufffe\uffff\ufdd0\U0001ffff\u2028") == "?????");
}

TEST_CASE("bytes that are not UTF-8 become question marks, one each") {
  CHECK(plain_text("\xff\xfe") == "??");
  CHECK(plain_text("\xc3") == "?");                 // cut short
  CHECK(plain_text("\xc0\xaf") == "??");            // overlong
  CHECK(plain_text("\xed\xa0\x80") == "???");       // half of a surrogate pair
  CHECK(plain_text("\xf4\x90\x80\x80") == "????");  // beyond the last character
  CHECK(plain_text("\xe2\x82"
                   "a") == "??a");
}

TEST_CASE("characters are counted, not bytes") {
  CHECK(character_count("") == 0);
  CHECK(character_count("\u00fc\u20acx") == 3);
}

TEST_CASE("a log of a build server finds nothing to obey") {
  CHECK(plain_text("::error is a word here") == ":\\:error is a word here");
  CHECK(plain_text("a\n  ::add-mask::b") == "a\n  :\\:add-mask::b");
  CHECK(plain_text("a ::error::b") == "a ::error::b");  // within a line it is text
  CHECK(plain_text("a ##[error]b ##vso[c ###[d") == "a #\\#[error]b #\\#vso[c ##\\#[d");
  CHECK(plain_text("--- a\n+++\n----") == "\\--- a\n\\+++\n----");
  CHECK(plain_text("## a [b]") == "## a [b]");
}

TEST_CASE("one line is one line") {
  CHECK(plain_line("a\nb\r\nc\td") == "a b  c d");
  CHECK(plain_line("a\n::error::b") == "a ::error::b");
}

TEST_CASE("JSON keeps what text does not, as escapes") {
  CHECK(escaped_json("\"a\u202e\u009b\x7f \u00fc\"") == "\"a\\u202e\\u009b\\u007f \u00fc\"");
  CHECK(escaped_json("\"\U0001fffe\"") == "\"\\ud83f\\udffe\"");
  CHECK(escaped_json("{\n  \"a\": \"##[b\"\n}") == "{\n  \"a\": \"\\u0023#[b\"\n}");
}
