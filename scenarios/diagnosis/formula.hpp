// How a number comes about, as the files of causes say it: "accept_places(min(backlog, somaxconn)) + 1".
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <tl/expected.hpp>

namespace netlimits::scenarios {

// Whole numbers, names, + - * / (rounded down), brackets, min(a, b) and functions of one argument that the caller
// knows.
class Formula {
 public:
  // What names and functions stand for. Nothing: no such thing here.
  struct Meaning {
    std::function<std::optional<std::uint64_t>(const std::string& name)> figure{};
    std::function<std::optional<std::uint64_t>(const std::string& name, std::uint64_t of)> function{};
  };

  // The error says what is wrong, and where.
  static tl::expected<Formula, std::string> parse(std::string_view text);

  const std::string& text() const { return text_; }
  // In alphabetical order, without those of functions.
  const std::set<std::string>& names() const { return names_; }
  const std::set<std::string>& functions() const { return functions_; }
  // Nothing: a name or a function means nothing, the value is below zero or above 2^63, or something is divided by 0.
  std::optional<std::uint64_t> value(const Meaning& meaning) const;

  struct Node;

 private:
  std::string text_{};
  std::set<std::string> names_{};
  std::set<std::string> functions_{};
  std::shared_ptr<const Node> root_{};
};

}  // namespace netlimits::scenarios
