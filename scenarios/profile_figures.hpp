// The figures that a profile file can give: how each is read into a profile and printed again.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/systems/os_profile.hpp"
#include "scenarios/json_reader.hpp"

namespace netlimits::scenarios {

struct FigureForm {
  std::string_view key;
  void (*read)(const Field& field, OsProfile& profile);  // complains when the value is wrong
  std::string (*print)(const OsProfile& profile);
};

// In the order of docs/profiles.md.
const std::vector<FigureForm>& figure_forms();

// The words for how sure a figure is.
const std::vector<std::string>& confidence_words();

}  // namespace netlimits::scenarios
