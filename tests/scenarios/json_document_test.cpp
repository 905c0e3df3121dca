// Positions, refusals and overrides; texts cut or changed at any byte.
#include "scenarios/json/json_document.hpp"

#include <string>
#include <vector>

#include "scenarios/json/json_override.hpp"
#include "tests/catch.hpp"

namespace netlimits::scenarios {
namespace {

TEST_CASE("every value and key of a document knows where it stands") {
  const auto document =
      parse_json("{\n  \"h\u00f6st\": 1, \"list\": [10,\n 20, {\"a\": \"x\"}],\n \"end\":true}", "f.json");
  REQUIRE(document.has_value());
  const JsonNode& root = document->root;
  CHECK(root.at.line == 1);
  CHECK(root.at.column == 1);
  REQUIRE(root.members.size() == 3);
  CHECK(root.members[0].key_at.line == 2);
  CHECK(root.members[0].key_at.column == 3);
  CHECK(root.members[0].value.at.column == 11);
  CHECK(root.members[1].key_at.column == 14);
  const JsonNode& list = root.members[1].value;
  CHECK(list.at.column == 22);
  REQUIRE(list.items.size() == 3);
  CHECK(list.items[0].at.line == 2);
  CHECK(list.items[0].at.column == 23);
  CHECK(list.items[1].at.line == 3);
  CHECK(list.items[1].at.column == 2);
  CHECK(list.items[2].members[0].value.at.column == 12);
  CHECK(root.members[2].value.at.line == 4);
  CHECK(root.members[2].value.at.column == 8);
}

TEST_CASE("a text that is no JSON is refused with its place") {
  struct Row {
    std::string text;
    std::size_t line;
    std::string words;
  };
  const std::string deep = std::string(100, '[') + std::string(100, ']');
  for (const Row& row : std::vector<Row>{
           {"", 1, "the text is empty"},
           {" \n ", 2, "the text is empty"},
           {"{\"a\": 1", 1, "unexpected end of input"},
           {"{\"a\": 1,\n}", 2, "expected string literal"},
           {"{\"a\": NaN}", 1, "invalid literal"},
           {"{\"a\": 1e999}", 1, "number overflow"},
           {"{} {}", 1, "expected end of input"},
           {"[1,,2]", 1, "unexpected"},
           {"{\"a\": \"\xff\"}", 1, "ill-formed UTF-8"},
           {"{\"a\": \"\x01\"}", 1, "control character"},
           {"{\"a\": 01}", 1, "unexpected"},
           {"// c\n{}", 1, "invalid literal"},
           {std::string("{}\0{", 4), 1, "zero byte"},
           {deep, 1, "at most 64"},
           {"{\"a\": 1,\n \"a\": 2}", 2, "found \"a\" again"},
       }) {
    CAPTURE(row.text);
    const auto document = parse_json(row.text, "f.json");
    REQUIRE_FALSE(document.has_value());
    CHECK(document.error().front().line == row.line);
    CHECK_THAT(document.error().front().text(), Catch::Matchers::Contains(row.words));
    CHECK_THAT(document.error().front().text(), Catch::Matchers::StartsWith("f.json:"));
  }
}

TEST_CASE("a text cut at any byte is refused and never crashes") {
  const std::string text = "{\"a\": [1, 2.5, true, null, {\"b\\u00e9\": \"\u00e9\\n\"}], \"c\": -7e2}";
  REQUIRE(parse_json(text, "f").has_value());
  for (std::size_t length = 0; length < text.size(); ++length) {
    CAPTURE(length);
    const auto document = parse_json(text.substr(0, length), "f");
    REQUIRE_FALSE(document.has_value());
    CHECK_FALSE(document.error().front().text().empty());
  }
}

TEST_CASE("a byte changed anywhere never crashes the parser") {
  const std::string text = "{\"a\": [1, 2.5, true, null, {\"b\\u00e9\": \"\u00e9\\n\"}], \"c\": -7e2}";
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = text;
      changed[at] = static_cast<char>(byte);
      const auto document = parse_json(changed, "f");
      if (!document) CHECK_FALSE(document.error().front().text().empty());
    }
  }
}

TEST_CASE("an override replaces, adds and appends") {
  auto document = parse_json(R"({"a": {"b": 1}, "list": [1, 2]})", "f.json");
  REQUIRE(document.has_value());
  for (const std::string text : {"/a/b=5", "/a/net.core.somaxconn=128", "/new/deep=60s", "/list/0=[1]", "/list/-=true",
                                 "/a/x~1y={\"k\": null}"}) {
    CAPTURE(text);
    REQUIRE(apply_override(*document, text).has_value());
  }
  const JsonNode& root = document->root;
  CHECK(root.member("a")->member("b")->integer == 5);
  CHECK(root.member("a")->member("net.core.somaxconn")->integer == 128);
  CHECK(root.member("new")->member("deep")->text == "60s");
  CHECK(root.member("list")->items[0].kind == JsonKind::array);
  CHECK(root.member("list")->items[2].boolean);
  CHECK(root.member("a")->member("x/y")->kind == JsonKind::object);
  CHECK(document->origins[root.member("a")->member("b")->at.origin] == "--set /a/b=5");
}

TEST_CASE("an override that cannot be applied says so") {
  auto document = parse_json(R"({"a": {"b": 1}, "list": [1, 2]})", "f.json");
  REQUIRE(document.has_value());
  struct Row {
    std::string text;
    std::string words;
  };
  for (const Row& row : std::vector<Row>{{"/a/b", "no '='"},
                                         {"a/b=1", "a JSON pointer"},
                                         {"=1", "a JSON pointer"},
                                         {"/a/b/c=1", "to go on into"},
                                         {"/list/2=1", "an index below 2"},
                                         {"/list/x=1", "an index below 2"},
                                         {"/a~2=1", "a JSON pointer"},
                                         {"/a={\"k\":1,\"k\":2}", "again"}}) {
    CAPTURE(row.text);
    const auto outcome = apply_override(*document, row.text);
    REQUIRE_FALSE(outcome.has_value());
    CHECK_THAT(outcome.error().front().text(), Catch::Matchers::Contains(row.words));
    CHECK_THAT(outcome.error().front().text(), Catch::Matchers::StartsWith("--set "));
  }
}

}  // namespace
}  // namespace netlimits::scenarios
