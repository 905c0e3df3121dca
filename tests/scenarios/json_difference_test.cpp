// Documents beside each other.
#include "scenarios/json/json_difference.hpp"

#include <string>
#include <vector>

#include "tests/catch.hpp"

using namespace netlimits::scenarios;

namespace {

std::vector<std::string> between(const char* before, const char* after) {
  const auto first = parse_json(before, "before");
  const auto second = parse_json(after, "after");
  REQUIRE(first);
  REQUIRE(second);
  std::vector<std::string> found;
  for (const JsonChange& change : json_difference(first->root, second->root))
    found.push_back(change.pointer + " " + change.before.value_or("-") + " " + change.after.value_or("-"));
  return found;
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("layout and the order of keys are no difference") {
  CHECK(between(R"({"a": 1, "b": {"c": [1, 2], "d": null}})", R"({ "b":{"d":null,"c":[1,2]},"a":1 })").empty());
}

TEST_CASE("a value, a kind, a key that came and one that went are told by their pointers") {
  CHECK(between(R"({"a": 1})", R"({"a": 2})") == Lines{"/a 1 2"});
  CHECK(between(R"({"a": 1})", R"({"a": "1"})") == Lines{"/a 1 \"1\""});
  CHECK(between(R"({"a": {"b": 1}})", R"({"a": {"c": 1}})") == Lines{"/a/b 1 -", "/a/c - 1"});
  CHECK(between(R"({"a/b": {"~": true}})", R"({"a/b": {"~": false}})") == Lines{"/a~1b/~0 true false"});
  CHECK(between(R"({"a": {"b": [1]}})", R"({"a": 3})") == Lines{"/a {\"b\":[1]} 3"});
  CHECK(between("1", "[]") == Lines{" 1 []"});
  CHECK(between("1.0", "1.00") == Lines{" 1.0 1.00"});
}

TEST_CASE("what was put into a list or taken out of it is told, and nothing behind it") {
  CHECK(between("[1, 2, 3]", "[1, 9, 2, 3]") == Lines{"/1 - 9"});
  CHECK(between("[1, 2, 3]", "[1, 3]") == Lines{"/1 2 -"});
  CHECK(between("[1, 2, 3]", "[1, 4, 3]") == Lines{"/1 2 4"});
  CHECK(between("[1, 1]", "[1, 1, 1]") == Lines{"/2 - 1"});
  CHECK(between("[]", "[1, 2]") == Lines{"/0 - 1", "/1 - 2"});
  CHECK(between("[1, 2, 5, 6]", "[3, 4, 7, 5, 6]") == Lines{"/0 1 3", "/1 2 4", "/2 - 7"});
  CHECK(between(R"([{"a": 1, "b": 2}])", R"([{"b": 3, "a": 1}])") == Lines{"/0/b 2 3"});
}
