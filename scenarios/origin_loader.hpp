// Reads where the figures of a measured host come from.
#pragma once

#include "model/scenario/scenario.hpp"
#include "scenarios/json/json_reader.hpp"

namespace netlimits::scenarios {

HostOrigin load_origin(const Field& field);

}  // namespace netlimits::scenarios
