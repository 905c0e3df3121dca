// The typed reading of fields and objects; each refusal is worded here.
#include "scenarios/json/json_reader.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "scenarios/json/nearest_name.hpp"

namespace netlimits::scenarios {
namespace {

// "a host", "an event".
std::string with_article(std::string_view noun) {
  const bool vowel = std::string_view("aeio").find(noun.front()) != std::string_view::npos;
  return fmt::format("{} {}", vowel ? "an" : "a", noun);
}

}  // namespace

void ErrorList::add(const JsonPosition& at, std::string pointer, std::string expected, std::string message,
                    std::string hint) {
  if (full()) {
    ++others_;
    return;
  }
  errors_.push_back({.file = document_->origins[at.origin],
                     .line = at.line,
                     .column = at.column,
                     .pointer = std::move(pointer),
                     .expected = std::move(expected),
                     .message = std::move(message),
                     .hint = std::move(hint)});
}

InputErrors ErrorList::take() {
  if (others_ > 0) errors_.push_back(others_not_shown(document_->origins.front(), others_));
  return std::move(errors_);
}

void Field::refuse(std::string expected, std::string hint) const {
  errors_->add(node_->at, pointer_, std::move(expected), found(*node_), std::move(hint));
}

void Field::complain(std::string message, std::string hint) const {
  errors_->add(node_->at, pointer_, {}, std::move(message), std::move(hint));
}

std::optional<bool> Field::boolean() const {
  if (node_->kind == JsonKind::boolean) return node_->boolean;
  refuse("true or false");
  return std::nullopt;
}

std::optional<std::int64_t> Field::integer(std::int64_t low, std::int64_t high, std::string_view why) const {
  if (node_->kind == JsonKind::integer && node_->integer >= low && node_->integer <= high) return node_->integer;
  refuse(fmt::format("a whole number from {} to {}{}{}{}", low, high, why.empty() ? "" : " (", why,
                     why.empty() ? "" : ")"));
  return std::nullopt;
}

std::optional<std::string> Field::string(std::string_view expected) const {
  if (node_->kind == JsonKind::string) return node_->text;
  refuse(std::string(expected));
  return std::nullopt;
}

std::optional<std::vector<Field>> Field::list(std::string_view expected) const {
  if (node_->kind != JsonKind::array) {
    refuse(std::string(expected));
    return std::nullopt;
  }
  std::vector<Field> fields;
  fields.reserve(node_->items.size());
  for (std::size_t index = 0; index < node_->items.size(); ++index) fields.push_back(item(index));
  return fields;
}

std::optional<std::size_t> Field::choice(const std::vector<std::string>& names) const {
  if (node_->kind == JsonKind::string) {
    const auto name = std::find(names.begin(), names.end(), node_->text);
    if (name != names.end()) return static_cast<std::size_t>(name - names.begin());
  }
  std::string hint;
  if (node_->kind == JsonKind::string && !errors_->full()) {
    if (const auto near = nearest_name(node_->text, names)) hint = fmt::format("did you mean \"{}\"?", *near);
  }
  refuse(fmt::format("one of \"{}\"", fmt::join(names, "\", \"")), hint);
  return std::nullopt;
}

Field Field::item(std::size_t index) const {
  return {node_->items[index], pointer_to(pointer_, fmt::format("{}", index)), *errors_};
}

Field Field::value(const JsonMember& member) const {
  return {member.value, pointer_to(pointer_, member.key), *errors_};
}

ObjectReader::ObjectReader(const Field& field, const ObjectKeys& keys)
    : field_(field), keys_(&keys), is_object_(field.node().kind == JsonKind::object) {
  if (!is_object_) {
    field.refuse(fmt::format("an object ({})", keys.object));
    return;
  }
  for (const JsonMember& member : field.node().members) {
    if (std::find(keys.keys.begin(), keys.keys.end(), member.key) != keys.keys.end()) continue;
    const std::string pointer = pointer_to(field.pointer(), member.key);
    const auto later = std::find_if(keys.not_yet.begin(), keys.not_yet.end(),
                                    [&](const WordOfLater& one) { return one.word == member.key; });
    if (later != keys.not_yet.end()) {
      field.errors().add(
          member.key_at, pointer, {},
          fmt::format("{} of {} is not modelled yet by this version", in_quotes(member.key), with_article(keys.object)),
          fmt::format("it can be taken out, but without it {}", later->without));
      continue;
    }
    const std::vector<std::string> known(keys.keys.begin(), keys.keys.end());
    const std::string hint = field.errors().full() ? std::string() : suggestion(member.key, known);
    field.errors().add(member.key_at, pointer, fmt::format("a key of {}", with_article(keys.object)),
                       "found " + in_quotes(member.key), hint);
  }
}

std::optional<Field> ObjectReader::get(std::string_view key) const {
  // A key that is read but not in the list would be refused as unknown in every file.
  if (std::find(keys_->keys.begin(), keys_->keys.end(), key) == keys_->keys.end()) {
    throw std::logic_error(fmt::format("{} is no key of {}", key, with_article(keys_->object)));
  }
  if (!is_object_) return std::nullopt;
  const JsonNode* const node = field_.node().member(key);
  if (node == nullptr) return std::nullopt;
  return Field(*node, pointer_to(field_.pointer(), key), field_.errors());
}

std::optional<Field> ObjectReader::need(std::string_view key, std::string_view expected) const {
  auto field = get(key);
  if (!field && is_object_) {
    field_.errors().add(field_.node().at, field_.pointer(), fmt::format("a key {} ({})", in_quotes(key), expected),
                        "found none", {});
  }
  return field;
}

}  // namespace netlimits::scenarios
