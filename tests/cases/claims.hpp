// Claims about the inputs of this folder, one a row: the input, which engine is asked, the figure, and what is right.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/scenario/scenario.hpp"
#include "scenarios/json/input_error.hpp"

namespace netlimits::cases {

enum class Engine : std::uint8_t { run, capacity };
inline constexpr Engine run = Engine::run;
inline constexpr Engine capacity = Engine::capacity;

struct Claim {
  const char* input;  // "engines/capacity-turns": the file without its extension
  Engine engine;
  // A pointer into the engine's result, or a limit and a key of it: "syn_backlog capacity" is that of the first such
  // limit.
  std::string figure;
  // "25", "ENETUNREACH", "3 to 4" (a figure in the interval, or that very interval), "at most 2", "contains 40" (an
  // interval that has it, or the figure itself), "says WORDS" (a text with these in it), "none".
  std::string right;
  std::vector<std::string> with{};  // POINTER=VALUE, as --set takes them
};

// The inputs of one sub-folder, in alphabetical order: "engines/capacity-turns".
std::vector<std::string> inputs_of(const std::string& folder);

scenarios::Loaded<Scenario> load(const std::string& input, const std::vector<std::string>& with = {},
                                 scenarios::InputErrors* warnings = nullptr);

// Checks each claim; an input and its changes are asked once of each engine.
void check(const std::vector<Claim>& claims);

}  // namespace netlimits::cases
