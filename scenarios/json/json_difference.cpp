// Down both trees at once.
#include "scenarios/json/json_difference.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <string_view>

#include "model/scenario/json_pointer.hpp"

namespace netlimits::scenarios {
namespace {

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Objects with the same members in another order are equal.
bool same(const JsonNode& a, const JsonNode& b) {
  if (a.kind != b.kind || a.boolean != b.boolean || a.integer != b.integer || a.text != b.text) return false;
  if (a.items.size() != b.items.size() || a.members.size() != b.members.size()) return false;
  for (std::size_t i = 0; i < a.items.size(); ++i) {
    if (!same(a.items[i], b.items[i])) return false;
  }
  std::map<std::string_view, const JsonNode*> members;
  for (const JsonMember& member : b.members) members[member.key] = &member.value;
  return std::all_of(a.members.begin(), a.members.end(), [&](const JsonMember& member) {
    const auto found = members.find(member.key);
    return found != members.end() && same(member.value, *found->second);
  });
}

class Difference {
 public:
  void compare(const std::string& pointer, const JsonNode& before, const JsonNode& after) {
    if (before.kind == JsonKind::object && after.kind == JsonKind::object) return objects(pointer, before, after);
    if (before.kind == JsonKind::array && after.kind == JsonKind::array) return lists(pointer, before, after);
    if (!same(before, after)) found_.push_back({pointer, one_line(before), one_line(after)});
  }
  std::vector<JsonChange> take() { return std::move(found_); }

 private:
  void objects(const std::string& pointer, const JsonNode& before, const JsonNode& after) {
    std::map<std::string_view, const JsonNode*> later;
    for (const JsonMember& member : after.members) later[member.key] = &member.value;
    for (const JsonMember& member : before.members) {
      const std::string at = pointer_to(pointer, member.key);
      const auto found = later.find(member.key);
      if (found == later.end()) {
        found_.push_back({at, one_line(member.value), std::nullopt});
        continue;
      }
      compare(at, member.value, *found->second);
      later.erase(found);
    }
    for (const JsonMember& member : after.members) {
      if (later.contains(member.key))
        found_.push_back({pointer_to(pointer, member.key), std::nullopt, one_line(member.value)});
    }
  }

  void lists(const std::string& pointer, const JsonNode& before, const JsonNode& after) {
    const std::size_t shorter = std::min(before.items.size(), after.items.size());
    std::size_t front = 0;
    while (front < shorter && same(before.items[front], after.items[front])) ++front;
    std::size_t back = 0;
    const auto from_end = [](const JsonNode& list, std::size_t index) -> const JsonNode& {
      return list.items[list.items.size() - 1 - index];
    };
    while (back < shorter - front && same(from_end(before, back), from_end(after, back))) ++back;
    const std::size_t both = shorter - front - back;
    const auto at = [&](std::size_t index) { return pointer_to(pointer, fmt::format("{}", index)); };
    std::size_t index = front;
    for (; index < front + both; ++index) compare(at(index), before.items[index], after.items[index]);
    for (std::size_t gone = index; gone < before.items.size() - back; ++gone)
      found_.push_back({at(gone), one_line(before.items[gone]), std::nullopt});
    for (std::size_t added = index; added < after.items.size() - back; ++added)
      found_.push_back({at(added), std::nullopt, one_line(after.items[added])});
  }

  std::vector<JsonChange> found_;
};

}  // namespace

std::string one_line(const JsonNode& node) {
  std::string text;
  switch (node.kind) {
    case JsonKind::null:
      return "null";
    case JsonKind::boolean:
      return node.boolean ? "true" : "false";
    case JsonKind::integer:
      return fmt::format("{}", node.integer);
    case JsonKind::number:
      return node.text;
    case JsonKind::string:
      return quoted(node.text);
    case JsonKind::array:
      for (const JsonNode& item : node.items) text += fmt::format("{}{}", text.empty() ? "" : ",", one_line(item));
      return fmt::format("[{}]", text);
    case JsonKind::object:
      for (const JsonMember& member : node.members)
        text += fmt::format("{}{}:{}", text.empty() ? "" : ",", quoted(member.key), one_line(member.value));
      return fmt::format("{{{}}}", text);
  }
  return text;
}

std::vector<JsonChange> json_difference(const JsonNode& before, const JsonNode& after) {
  Difference difference;
  difference.compare({}, before, after);
  return difference.take();
}

}  // namespace netlimits::scenarios
