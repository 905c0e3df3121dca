// The figures of a gateway: how each is read and written, in the file of a kind of device and in a scenario alike.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string_view>
#include <vector>

#include "model/path/nat_settings.hpp"
#include "scenarios/json/json_reader.hpp"

namespace netlimits::scenarios {

struct NatFigure {
  std::string_view key;
  void (*read)(const Field& field, NatSettings& nat);       // complains when the value is wrong
  nlohmann::ordered_json (*write)(const NatSettings& nat);  // null: it has none
};

// In the order of docs/scenario-format.md.
const std::vector<NatFigure>& nat_figures();

}  // namespace netlimits::scenarios
