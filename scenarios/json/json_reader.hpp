// Reads the values of a document and collects what is wrong with them, each with its place.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/json/json_document.hpp"

namespace netlimits::scenarios {

// Where errors go. Keeps `most_input_errors` and counts the others.
class ErrorList {
 public:
  explicit ErrorList(const JsonDocument& document) : document_(&document) {}
  void add(const JsonPosition& at, std::string pointer, std::string expected, std::string message, std::string hint);
  bool empty() const { return errors_.empty(); }
  // Those that are not kept included.
  std::size_t size() const { return errors_.size() + others_; }
  // Is any further one only counted? Then nobody reads its words, and a hint need not be looked for.
  bool full() const { return errors_.size() >= most_input_errors; }
  // With a last one that says how many are not shown.
  InputErrors take();

 private:
  const JsonDocument* document_;
  std::size_t others_ = 0;
  InputErrors errors_;
};

// For a number that the format itself does not bound.
inline constexpr std::int64_t largest_integer = std::numeric_limits<std::int64_t>::max();

// A value with its pointer. Copies share the document and the list of errors, which must outlive them.
class Field {
 public:
  Field(const JsonNode& node, std::string pointer, ErrorList& errors)
      : node_(&node), pointer_(std::move(pointer)), errors_(&errors) {}

  const JsonNode& node() const { return *node_; }
  const std::string& pointer() const { return pointer_; }
  ErrorList& errors() const { return *errors_; }

  // "expected EXPECTED, found VALUE; HINT"
  void refuse(std::string expected, std::string hint = {}) const;
  // "MESSAGE; HINT"
  void complain(std::string message, std::string hint = {}) const;

  // Each refuses and gives nothing when the value is of another kind or out of range.
  std::optional<bool> boolean() const;
  std::optional<std::int64_t> integer(std::int64_t low, std::int64_t high, std::string_view why = {}) const;
  std::optional<std::string> string(std::string_view expected = "a string") const;
  std::optional<std::vector<Field>> list(std::string_view expected = "a list") const;
  // One of the names; the index.
  std::optional<std::size_t> choice(const std::vector<std::string>& names) const;

  // Elements of a list and values of an object, without a check of the kind.
  Field item(std::size_t index) const;
  Field value(const JsonMember& member) const;

 private:
  const JsonNode* node_;
  std::string pointer_;
  ErrorList* errors_;
};

// A word that this version refuses, and what a result without it is wrong about: whoever takes one out has to know.
struct WordOfLater {
  std::string_view word;
  std::string_view without;  // goes on from "without it ..."
};

// The keys that an object may have.
struct ObjectKeys {
  std::string_view object;             // what the object is called: "host"
  std::vector<std::string_view> keys;  // in the order of the documentation
  std::vector<WordOfLater> not_yet{};  // words of the format that this version refuses
};

// An object whose keys are checked against `keys` at once: an unknown one is refused with the nearest known one.
class ObjectReader {
 public:
  // Requires: `keys` outlives the reader.
  ObjectReader(const Field& field, const ObjectKeys& keys);

  bool is_object() const { return is_object_; }
  const Field& field() const { return field_; }
  std::optional<Field> get(std::string_view key) const;
  // Complains when the key is missing; `expected` says what it would hold.
  std::optional<Field> need(std::string_view key, std::string_view expected) const;

 private:
  Field field_;
  const ObjectKeys* keys_;
  bool is_object_;
};

}  // namespace netlimits::scenarios
