// JSON pointers (RFC 6901): how a place in a document or in a result is written.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace netlimits {

// One step as it stands in a pointer: ~ is ~0, / is ~1.
std::string pointer_part(std::string_view key);
std::string pointer_to(std::string_view pointer, std::string_view key);
// The steps of a pointer; nothing when the text is none.
std::optional<std::vector<std::string>> steps_of_pointer(std::string_view pointer);

}  // namespace netlimits
