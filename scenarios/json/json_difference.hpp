// What two documents say differently, value by value.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "scenarios/json/json_document.hpp"

namespace netlimits::scenarios {

struct JsonChange {
  std::string pointer;                // in the document that has it, the earlier one if both do
  std::optional<std::string> before;  // as JSON on one line; nothing: it is not there
  std::optional<std::string> after;
};

// Objects are compared by their keys, in whatever order these stand. Lists by their elements: where some were put in or
// taken out at one place, those are what changed, and not all behind them. Cost: linear in both, times their depth.
std::vector<JsonChange> json_difference(const JsonNode& before, const JsonNode& after);

// A value as JSON on one line, without a blank between its signs.
std::string one_line(const JsonNode& node);

}  // namespace netlimits::scenarios
