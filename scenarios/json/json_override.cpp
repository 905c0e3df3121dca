// Splits the pointer into steps, walks the document along them, and makes what is missing.
#include "scenarios/json/json_override.hpp"

#include <charconv>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "scenarios/json/nearest_name.hpp"

namespace netlimits::scenarios {
namespace {

tl::unexpected<InputErrors> wrong(std::string file, std::string_view pointer, std::string expected, std::string message,
                                  std::string hint = {}) {
  return tl::unexpected(InputErrors{{.file = std::move(file),
                                     .pointer = std::string(pointer),
                                     .expected = std::move(expected),
                                     .message = std::move(message),
                                     .hint = std::move(hint)}});
}

std::optional<std::size_t> index_of(std::string_view step) {
  std::size_t index = 0;
  const auto parsed = std::from_chars(step.data(), step.data() + step.size(), index);
  if (parsed.ec != std::errc{} || parsed.ptr != step.data() + step.size()) return std::nullopt;
  return index;
}

std::vector<std::string> names_in(const JsonNode& node) {
  std::vector<std::string> names;
  for (const JsonMember& member : node.members) names.push_back(member.key);
  return names;
}

void set_origin(JsonNode& node, std::uint32_t origin) {
  node.at = {0, 0, origin};
  for (JsonNode& item : node.items) set_origin(item, origin);
  for (JsonMember& member : node.members) {
    member.key_at = node.at;
    set_origin(member.value, origin);
  }
}

}  // namespace

Loaded<void> apply_override(JsonDocument& document, std::string_view text,
                            const std::function<bool(std::span<const std::string>)>& are_names) {
  const std::string name = fmt::format("--set {}", text);
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos) {
    return wrong(name, {}, "POINTER=VALUE", "found no '='", "for example --set /workloads/load/connections=100");
  }
  const std::string_view pointer = text.substr(0, equals);
  const std::string_view value_text = text.substr(equals + 1);
  const auto steps = steps_of_pointer(pointer);
  if (!steps || steps->empty()) {
    return wrong(name, pointer, "a JSON pointer such as /workloads/load/connections", "found " + in_quotes(pointer));
  }
  const auto origin = static_cast<std::uint32_t>(document.origins.size());

  JsonNode value;
  if (is_json(value_text)) {
    auto parsed = parse_json(value_text, name);
    if (!parsed) return tl::unexpected(std::move(parsed.error()));
    value = std::move(parsed->root);
  } else {
    value.kind = JsonKind::string;
    value.text = std::string(value_text);
  }
  set_origin(value, origin);

  JsonNode* node = &document.root;
  std::string reached;
  for (std::size_t depth = 0; depth < steps->size(); ++depth) {
    const std::string& step = (*steps)[depth];
    const bool last = depth + 1 == steps->size();
    if (node->kind == JsonKind::array) {
      const auto index = index_of(step);
      if (last && step == "-") {
        node = &node->items.emplace_back();
      } else if (index && *index < node->items.size()) {
        node = &node->items[*index];
      } else {
        return wrong(name, pointer_to(reached, step),
                     fmt::format("an index below {}, or - to append", node->items.size()), "found " + in_quotes(step));
      }
    } else if (node->kind == JsonKind::object) {
      JsonNode* next = node->member(step);
      if (next == nullptr) {
        if (!last && are_names(std::span(*steps).first(depth)))
          return wrong(name, pointer_to(reached, step), "a name that is there (to add one, set it as a whole)",
                       "found " + in_quotes(step), suggestion(step, names_in(*node)));
        JsonNode made;
        made.kind = JsonKind::object;
        made.at = {0, 0, origin};
        node->members.push_back({step, made.at, std::move(made)});
        next = &node->members.back().value;
      }
      node = next;
    } else {
      return wrong(name, reached, "an object or a list to go on into", found(*node));
    }
    reached = pointer_to(reached, step);
  }
  *node = std::move(value);
  document.origins.push_back(name);
  return {};
}

}  // namespace netlimits::scenarios
