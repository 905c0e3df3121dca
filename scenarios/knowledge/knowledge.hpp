// What is known of limits, settings and errors besides their figures: what they are, what shows and what changes them,
// what people believe of them. Data with sources (scenarios/knowledge/*.json), compiled in.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/json/input_error.hpp"

namespace netlimits::scenarios {

enum class KnownKind : std::uint8_t { limit, setting, error, rule };
std::string_view name_of(KnownKind kind);  // "limit"

// What a reader can type, or do, on each system ("linux", "windows", "macos", "freebsd").
using BySystem = std::map<std::string, std::vector<std::string>>;

struct Folklore {
  std::string belief{};
  std::string truth{};
  std::string scenario{};  // of the library, which shows it; or empty
};

struct Known {
  KnownKind kind{};
  std::string name{};
  std::string what{};
  std::string formula{};               // how it bounds connections, or what is legal; or empty
  std::string told{};                  // of a limit: what a program sees; of an error: which calls give it
  std::vector<std::string> systems{};  // of a setting: those that have it
  std::vector<std::string> figures{};  // keys of profiles that it depends on
  std::vector<std::string> settings{};
  std::vector<std::string> limits{};
  std::vector<std::string> messages{};  // of an error: the system's own words
  BySystem shows{};
  BySystem changes{};
  std::vector<Folklore> folklore{};
  std::string source{};
  std::string confidence{};  // docs/profiles.md
};

// In the order of the files. Errors of a text name it by `name`. What they refer to (figures, settings, limits) exists.
Loaded<std::vector<Known>> read_knowledge(std::string_view text, std::string name);
// What is compiled in. Throws std::logic_error if it is wrong, which a test rules out.
const std::vector<Known>& knowledge();

}  // namespace netlimits::scenarios
