// What is known of one name: of a limit, a setting, an error or a rule of the rule book, with its value in each
// profile.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "scenarios/knowledge/knowledge.hpp"
#include "scenarios/profiles.hpp"

namespace netlimits::scenarios {

// The profiles that agree on a figure, its source included.
struct ProfileValue {
  std::string figure{};
  std::string value{};
  std::vector<std::string> profiles{};
  std::string confidence{};
  std::string source{};
  std::string note{};
};

struct Explanation {
  Known known{};
  std::vector<ProfileValue> values{};
};

// Everything that can be explained: limits, settings, errors, rules, each in the order of its kind.
std::vector<Known> explainable();

// What the words mean: a name, a number that a Windows program sees (10055), a message that holds an error's own words
// ("accept4: too many open files"), or the last part of names ("somaxconn": of each system that has one). Empty: none
// is known. At most 12.
std::vector<Explanation> explanations_of(std::string_view words, const ProfileSet& profiles);
// "did you mean X?"
std::string explainable_suggestion(std::string_view words);

}  // namespace netlimits::scenarios
