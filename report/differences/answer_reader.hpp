// The results that `run` and `capacity` print as JSON, read back: as much of them as two answers are compared by.
#pragma once

#include <string_view>

#include "analysis/differences/answer.hpp"
#include "scenarios/json/input_error.hpp"
#include "scenarios/json/json_document.hpp"

namespace netlimits::report {

// Is it a result of any command, by its "format"? A scenario has none.
bool is_result(const scenarios::JsonDocument& document);

// The formats netlimits.run/1 and netlimits.capacity/1. A figure that they did not have yet when this was written is
// kept by its name; a structure that is not known is refused with its place.
scenarios::Loaded<analysis::Answer> read_answer(const scenarios::JsonDocument& document);

}  // namespace netlimits::report
