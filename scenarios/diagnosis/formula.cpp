// A parser of three levels (sums, products, single things) and the evaluation of what it makes.
#include "scenarios/diagnosis/formula.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace netlimits::scenarios {

// A number, a name, or an operation: the sign of an operator, or the name of a function.
struct Formula::Node {
  std::uint64_t number = 0;
  std::string word{};
  std::vector<std::shared_ptr<const Node>> of{};
};

namespace {

using NodePtr = std::shared_ptr<const Formula::Node>;

constexpr std::uint64_t largest_value = std::uint64_t{1} << 63U;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class FormulaParser {
 public:
  explicit FormulaParser(std::string_view text) : text_(text) {}

  tl::expected<NodePtr, std::string> whole() {
    NodePtr found = sum();
    skip_blanks();
    if (found && at_ != text_.size()) found = nullptr;
    if (found) return found;
    return tl::unexpected(fmt::format("no formula: wrong at character {}", at_ + 1));
  }
  std::set<std::string> names{};
  std::set<std::string> functions{};

 private:
  void skip_blanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool take(char wanted) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  template <class Inner>
  NodePtr chain(std::string_view signs, Inner inner) {
    NodePtr left = (this->*inner)();
    while (left) {
      skip_blanks();
      if (at_ == text_.size() || signs.find(text_[at_]) == std::string_view::npos) return left;
      const std::string sign(1, text_[at_++]);
      NodePtr right = (this->*inner)();
      if (!right) return nullptr;
      left = std::make_shared<Formula::Node>(Formula::Node{0, sign, {std::move(left), std::move(right)}});
    }
    return nullptr;
  }
  // Brackets nest as deeply as a file of the house nests them: no stack is at stake.
  NodePtr sum() { return chain("+-", &FormulaParser::product); }     // NOLINT(misc-no-recursion)
  NodePtr product() { return chain("*/", &FormulaParser::single); }  // NOLINT(misc-no-recursion)
  NodePtr single() {                                                 // NOLINT(misc-no-recursion)
    if (take('(')) {
      NodePtr inner = sum();
      return inner && take(')') ? inner : nullptr;
    }
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    if (at_ != begin) return number(text_.substr(begin, at_ - begin));
    while (at_ < text_.size() && is_letter(text_[at_])) ++at_;
    if (at_ == begin) return nullptr;
    std::string word(text_.substr(begin, at_ - begin));
    if (!take('(')) {
      names.insert(word);
      return std::make_shared<Formula::Node>(Formula::Node{0, std::move(word), {}});
    }
    return call(std::move(word));
  }
  static NodePtr number(std::string_view digits) {
    std::uint64_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (read.ec != std::errc{} || value > largest_value) return nullptr;
    return std::make_shared<Formula::Node>(Formula::Node{value, {}, {}});
  }
  NodePtr call(std::string word) {  // NOLINT(misc-no-recursion)
    std::vector<NodePtr> arguments;
    do {
      arguments.push_back(sum());
      if (!arguments.back()) return nullptr;
    } while (take(','));
    if (!take(')') || arguments.size() != (word == "min" ? 2U : 1U)) return nullptr;
    if (word != "min") functions.insert(word);
    return std::make_shared<Formula::Node>(Formula::Node{0, std::move(word), std::move(arguments)});
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

std::optional<std::uint64_t> combined(char sign, std::uint64_t a, std::uint64_t b) {
  switch (sign) {
    case '+':
      return a > largest_value - b ? std::nullopt : std::optional(a + b);
    case '-':
      return a < b ? std::nullopt : std::optional(a - b);
    case '*':
      return b != 0 && a > largest_value / b ? std::nullopt : std::optional(a * b);
    default:
      return b == 0 ? std::nullopt : std::optional(a / b);
  }
}

std::optional<std::uint64_t> value_of(const Formula::Node& node,  // NOLINT(misc-no-recursion)
                                      const Formula::Meaning& meaning) {
  if (node.word.empty()) return node.number;
  if (node.of.empty()) return meaning.figure(node.word);
  const auto first = value_of(*node.of.front(), meaning);
  if (!first) return std::nullopt;
  if (node.of.size() == 1) return meaning.function(node.word, *first);
  const auto second = value_of(*node.of.back(), meaning);
  if (!second) return std::nullopt;
  return node.word == "min" ? std::min(*first, *second) : combined(node.word.front(), *first, *second);
}

}  // namespace

tl::expected<Formula, std::string> Formula::parse(std::string_view text) {
  FormulaParser parser(text);
  auto root = parser.whole();
  if (!root) return tl::unexpected(root.error());
  Formula made;
  made.text_ = text;
  made.names_ = std::move(parser.names);
  made.functions_ = std::move(parser.functions);
  made.root_ = std::move(*root);
  return made;
}

std::optional<std::uint64_t> Formula::value(const Meaning& meaning) const {
  return root_ ? value_of(*root_, meaning) : std::nullopt;
}

}  // namespace netlimits::scenarios
