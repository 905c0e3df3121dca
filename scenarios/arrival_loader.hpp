// Reads when the connections of a workload begin and how long they are held.
#pragma once

#include "model/scenario/scenario.hpp"
#include "scenarios/json/json_reader.hpp"

namespace netlimits::scenarios {

// `connections`: so many must begin within the time that a run can last.
Arrivals load_arrivals(const Field& field, std::uint64_t connections);
Hold load_hold(const Field& field);

}  // namespace netlimits::scenarios
