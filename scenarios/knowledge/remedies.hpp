// What is known of changes that let a scenario carry more: the setting or command on each system, side effects and
// risks. Data with sources (scenarios/knowledge/remedies.json), compiled in. `plan` says them of its changes.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/json/input_error.hpp"
#include "scenarios/knowledge/knowledge.hpp"

namespace netlimits::scenarios {

struct Remedy {
  std::string name{};  // of the knob
  std::string what{};
  std::vector<std::string> effects{};  // what else it changes
  std::vector<std::string> risks{};
  // By system, or by kind of gateway. With {words} in braces: filled_in().
  BySystem changes{};
  std::string source{};
  std::string confidence{};  // docs/profiles.md
};

using RemedyWords = std::map<std::string, std::string, std::less<>>;

// The line with each {word} replaced by what it stands for here. A word that is not known stays as it is.
std::string filled_in(std::string_view line, const RemedyWords& words);

// How to write a setting of a system, from what is known of the setting: each line with its value.
std::vector<std::string> lines_that_set(std::string_view system, std::string_view setting, std::string_view value);

Loaded<std::vector<Remedy>> read_remedies(std::string_view text, std::string name);
// What is compiled in, in the order of names. Throws std::logic_error if it is wrong, which a test rules out.
const std::vector<Remedy>& remedies();
const Remedy* remedy_named(std::string_view name);  // null: none is known

}  // namespace netlimits::scenarios
