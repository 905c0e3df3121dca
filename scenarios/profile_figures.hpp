// The figures that a profile file can give: how each is read into a profile and printed again.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/systems/os_profile.hpp"
#include "scenarios/json/json_reader.hpp"

namespace netlimits::scenarios {

struct FigureForm {
  std::string_view key;
  std::function<void(const Field& field, OsProfile& profile)> read;  // complains when the value is wrong
  std::function<std::string(const OsProfile& profile)> print;
  // The row of the rule book that the figure is about: its system and version give it, and a file only says otherwise.
  std::optional<Rule> rule{};
};

// In the order of docs/profiles.md; behind them the rows of the rule book that no line there names.
const std::vector<FigureForm>& figure_forms();

// Where it stands that a profile has the rule, or has it not, by its system and version.
Provenance provenance_of(Rule rule, const OsProfile& profile);

// The words for how sure a figure is.
const std::vector<std::string>& confidence_words();

}  // namespace netlimits::scenarios
