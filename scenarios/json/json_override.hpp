// Changes to a document from the command line: --set POINTER=VALUE.
#pragma once

#include <string>
#include <string_view>

#include "scenarios/json/json_document.hpp"

namespace netlimits::scenarios {

// `text` is "POINTER=VALUE": an RFC 6901 pointer, and a JSON value or else plain text, which stands for a string.
// Replaces the value there, or adds it: objects on the way are made where they are missing, "/-" appends to a list.
// Later errors in the new value name the override in place of file and line.
Loaded<void> apply_override(JsonDocument& document, std::string_view text);

}  // namespace netlimits::scenarios
