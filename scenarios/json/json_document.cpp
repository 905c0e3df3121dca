// A parser's events (SAX) become a tree; its position is counted beside it, because the events carry none.
#include "scenarios/json/json_document.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <unordered_set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "scenarios/json/plain_text.hpp"

namespace netlimits::scenarios {
namespace {

// Walks over the text and tells how much of it the parser has taken: SAX events carry no position.
class CountingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  CountingIterator(std::string_view text, std::size_t offset, std::size_t* taken)
      : text_(text), offset_(offset), taken_(taken) {}
  reference operator*() const { return text_[offset_]; }
  CountingIterator& operator++() {
    *taken_ = ++offset_;
    return *this;
  }
  CountingIterator operator++(int) {
    CountingIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const CountingIterator& other) const { return offset_ == other.offset_; }
  bool operator!=(const CountingIterator& other) const { return offset_ != other.offset_; }

 private:
  std::string_view text_;
  std::size_t offset_;
  std::size_t* taken_;
};

// Lines and columns of offsets that mostly rise: each part of the text is counted once, however long its lines are.
class Lines {
 public:
  explicit Lines(std::string_view text) : text_(text) {}
  JsonPosition position(std::size_t offset) {
    if (offset < counted_) *this = Lines(text_);
    for (; counted_ < offset; ++counted_) {
      if (text_[counted_] == '\n') {
        ++line_;
        column_ = 1;
      } else if (!continues_a_character(text_[counted_])) {
        ++column_;
      }
    }
    return {line_, column_, 0};
  }

 private:
  std::string_view text_;
  std::size_t counted_ = 0;
  std::size_t line_ = 1;
  std::size_t column_ = 1;
};

// The text of the parser's own complaint, without its prefix, and with nothing that a terminal would obey: it quotes
// the last token, which can hold control characters and bytes that are not UTF-8.
std::string complaint(std::string_view what) {
  if (const std::size_t tag = what.find("] "); what.starts_with("[json.") && tag != std::string_view::npos) {
    what.remove_prefix(tag + 2);
  }
  const std::size_t column = what.find("column ");
  const std::size_t colon = what.find(": ", column == std::string_view::npos ? 0 : column);
  if (column != std::string_view::npos && colon != std::string_view::npos) what.remove_prefix(colon + 2);
  std::string clean;
  for (const char c : what) clean += (c >= 0x20 && c < 0x7f) ? c : '?';
  return clean;
}

class TreeBuilder : public nlohmann::json_sax<nlohmann::json> {
 public:
  TreeBuilder(std::string_view text, const std::string& name, const std::size_t* taken)
      : text_(text), name_(name), lines_(text), taken_(taken) {
    constexpr std::string_view byte_order_mark = "\xef\xbb\xbf";
    if (text.substr(0, byte_order_mark.size()) == byte_order_mark) done_ = byte_order_mark.size();
  }

  bool null() override { return add({}); }
  bool boolean(bool value) override {
    JsonNode node;
    node.kind = JsonKind::boolean;
    node.boolean = value;
    return add(std::move(node));
  }
  bool number_integer(number_integer_t value) override {
    JsonNode node;
    node.kind = JsonKind::integer;
    node.integer = value;
    return add(std::move(node));
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (value <= static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max())) {
      return number_integer(static_cast<number_integer_t>(value));
    }
    return number_float(0, fmt::format("{}", value));
  }
  bool number_float(number_float_t, const string_t& spelling) override {
    JsonNode node;
    node.kind = JsonKind::number;
    node.text = spelling;
    return add(std::move(node));
  }
  bool string(string_t& value) override {
    JsonNode node;
    node.kind = JsonKind::string;
    node.text = std::move(value);
    return add(std::move(node));
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(JsonKind::object); }
  bool start_array(std::size_t) override { return open(JsonKind::array); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& value) override {
    const JsonPosition at = token_start();
    Open& object = open_.back();
    if (!object.is_new(value)) {
      if (errors_.size() == most_input_errors) {
        errors_.push_back(others_not_shown(name_, std::nullopt));
        return false;
      }
      const auto first = std::find_if(object.node->members.begin(), object.node->members.end(),
                                      [&](const JsonMember& member) { return member.key == value; });
      errors_.push_back({.file = name_,
                         .line = at.line,
                         .column = at.column,
                         .pointer = pointer_to(pointer(), value),
                         .expected = "each key once",
                         .message = fmt::format("found {} again", in_quotes(value)),
                         .hint = fmt::format("the first is on line {}: remove one", first->key_at.line)});
    }
    object.node->members.push_back({std::move(value), at, {}});
    return true;
  }

  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& exception) override {
    const bool at_end = *taken_ >= text_.size();
    const JsonPosition at = lines_.position(at_end || *taken_ == 0 ? text_.size() : *taken_ - 1);
    const bool empty = text_.find_first_not_of(" \t\r\n") == std::string_view::npos;
    errors_.push_back({.file = name_,
                       .line = at.line,
                       .column = at.column,
                       .pointer = pointer(),
                       .expected = empty ? "a JSON object" : "",
                       .message = empty ? "found nothing: the text is empty" : complaint(exception.what()),
                       .hint = {}});
    return false;
  }

  Loaded<JsonDocument> take() {
    if (!errors_.empty()) return tl::unexpected(std::move(errors_));
    return JsonDocument{{name_}, std::move(root_)};
  }

 private:
  struct Open {
    JsonNode* node;                          // stays where it is: its parent gets no further child while it is open
    std::unordered_set<std::string> keys{};  // of an object with more than a few

    // Is it the first of this name? Requires: asked once for each key, before it becomes a member.
    bool is_new(const std::string& key) {
      constexpr std::size_t few = 16;
      const std::vector<JsonMember>& members = node->members;
      if (members.size() < few) return node->member(key) == nullptr;
      if (keys.empty()) {
        for (const JsonMember& member : members) keys.insert(member.key);
      }
      return keys.insert(key).second;
    }
  };

  // Nothing but blanks and separators lies between the end of one token and the start of the next. The parser looks one
  // character past a number, which is such a separator.
  JsonPosition token_start() {
    const std::size_t start = text_.find_first_not_of(" \t\r\n,:", done_);
    done_ = *taken_;
    return lines_.position(std::min(start, text_.size()));
  }

  JsonNode* place(JsonNode&& node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return &root_;
    }
    JsonNode& parent = *open_.back().node;
    if (parent.kind == JsonKind::array) return &parent.items.emplace_back(std::move(node));
    parent.members.back().value = std::move(node);
    return &parent.members.back().value;
  }

  bool add(JsonNode&& node) {
    node.at = token_start();
    if (one_too_many(node.at)) return false;
    place(std::move(node));
    return true;
  }

  bool one_too_many(const JsonPosition& at) {
    if (++values_ <= most_json_values) return false;
    errors_.push_back({.file = name_,
                       .line = at.line,
                       .column = at.column,
                       .pointer = {},
                       .expected = fmt::format("at most {} values in one text", most_json_values),
                       .message = "found more",
                       .hint = {}});
    return true;
  }

  bool open(JsonKind kind) {
    JsonNode node;
    node.kind = kind;
    node.at = token_start();
    if (one_too_many(node.at)) return false;
    if (open_.size() == deepest_json) {
      errors_.push_back({.file = name_,
                         .line = node.at.line,
                         .column = node.at.column,
                         .pointer = {},
                         .expected = fmt::format("at most {} lists and objects within each other", deepest_json),
                         .message = "found more",
                         .hint = {}});
      return false;
    }
    open_.push_back({place(std::move(node))});
    return true;
  }

  bool close() {
    open_.pop_back();
    done_ = *taken_;
    return true;
  }

  std::string pointer() const {
    std::string pointer;
    for (std::size_t depth = 0; depth + 1 < open_.size(); ++depth) {
      const JsonNode& node = *open_[depth].node;
      pointer = node.kind == JsonKind::array ? pointer_to(pointer, fmt::format("{}", node.items.size() - 1))
                                             : pointer_to(pointer, node.members.back().key);
    }
    return pointer;
  }

  std::string_view text_;
  std::string name_;
  Lines lines_;
  const std::size_t* taken_;
  std::size_t done_ = 0;
  std::size_t values_ = 0;
  JsonNode root_;
  std::vector<Open> open_;
  InputErrors errors_;
};

}  // namespace

const JsonNode* JsonNode::member(std::string_view key) const {
  const auto found_member =
      std::find_if(members.begin(), members.end(), [&](const JsonMember& member) { return member.key == key; });
  return found_member == members.end() ? nullptr : &found_member->value;
}

JsonNode* JsonNode::member(std::string_view key) {
  return const_cast<JsonNode*>(static_cast<const JsonNode*>(this)->member(key));
}

Loaded<JsonDocument> parse_json(std::string_view text, std::string name) {
  // The parser takes a zero byte for the end of the text, and would not see what follows it.
  if (const std::size_t zero = text.find('\0'); zero != std::string_view::npos) {
    const JsonPosition at = Lines(text).position(zero);
    return tl::unexpected(InputErrors{{.file = std::move(name),
                                       .line = at.line,
                                       .column = at.column,
                                       .pointer = {},
                                       .expected = "JSON text",
                                       .message = "found a zero byte",
                                       .hint = {}}});
  }
  std::size_t taken = 0;
  TreeBuilder builder(text, name, &taken);
  nlohmann::json::sax_parse(CountingIterator(text, 0, &taken), CountingIterator(text, text.size(), &taken), &builder);
  return builder.take();
}

bool is_json(std::string_view text) { return nlohmann::json::accept(text.begin(), text.end()); }

std::string found(const JsonNode& node) {
  switch (node.kind) {
    case JsonKind::null:
      return "found null";
    case JsonKind::boolean:
      return node.boolean ? "found true" : "found false";
    case JsonKind::integer:
      return fmt::format("found {}", node.integer);
    case JsonKind::number:
      return fmt::format("found {}", node.text.substr(0, 40));
    case JsonKind::string:
      return "found " + in_quotes(node.text);
    case JsonKind::array:
      return node.items.empty() ? "found an empty list" : fmt::format("found a list of {}", node.items.size());
    case JsonKind::object:
      return "found an object";
  }
  return {};
}

}  // namespace netlimits::scenarios
