// Changes to a document from the command line: --set POINTER=VALUE.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "scenarios/json/json_document.hpp"

namespace netlimits::scenarios {

// `text` is "POINTER=VALUE": an RFC 6901 pointer, and a JSON value or else plain text, which stands for a string.
// Replaces the value there, or adds it: objects on the way are made where they are missing, "/-" appends to a list.
// Later errors in the new value name the override in place of file and line.
// `are_names`: of the object that these steps lead to, are the members names that a user gave? Then nothing is made on
// the way inside a name that is not there: it is a slip, not an addition.
Loaded<void> apply_override(
    JsonDocument& document, std::string_view text,
    const std::function<bool(std::span<const std::string>)>& are_names = [](auto) { return false; });

}  // namespace netlimits::scenarios
