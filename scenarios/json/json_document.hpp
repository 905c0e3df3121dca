// A JSON text as a tree of values that remember where they stand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/scenario/json_pointer.hpp"
#include "scenarios/json/input_error.hpp"

namespace netlimits::scenarios {

enum class JsonKind : std::uint8_t {
  null,
  boolean,
  integer,  // fits a signed 64-bit integer
  number,   // any other number: a fraction, an exponent, or too large; `text` is its spelling
  string,
  array,
  object,
};

// Where a value begins. `origin` says in which text: an index into JsonDocument::origins.
struct JsonPosition {
  std::size_t line = 0;
  std::size_t column = 0;
  std::uint32_t origin = 0;
};

struct JsonMember;

struct JsonNode {
  JsonKind kind = JsonKind::null;
  bool boolean = false;
  std::int64_t integer = 0;
  std::string text;                 // string: its characters; number: its spelling
  std::vector<JsonNode> items;      // array
  std::vector<JsonMember> members;  // object, in the order of the text, keys unique
  JsonPosition at;

  const JsonNode* member(std::string_view key) const;  // nothing: null pointer
  JsonNode* member(std::string_view key);
};

struct JsonMember {
  std::string key;
  JsonPosition key_at;
  JsonNode value;
};

struct JsonDocument {
  std::vector<std::string> origins;  // [0]: the name of the file
  JsonNode root;
};

// How deep arrays and objects may nest.
inline constexpr std::size_t deepest_json = 64;
// Values of one text, lists and objects among them: a tree of them takes about a gigabyte.
inline constexpr std::size_t most_json_values = 5'000'000;

// RFC 8259, strictly: no comments, no trailing commas, no second value, no duplicate keys, well-formed UTF-8 within
// strings. `name` is how errors call the text. Cost: linear in the text, whatever its lines are.
Loaded<JsonDocument> parse_json(std::string_view text, std::string name);

// Is `text` one JSON value, apart from duplicate keys and depth?
bool is_json(std::string_view text);

// "found 17", "found a list of 3": a clause for messages.
std::string found(const JsonNode& node);

}  // namespace netlimits::scenarios
