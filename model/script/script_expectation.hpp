// What a script can say about ports and socket names.
#pragma once

#include <optional>
#include <string_view>

#include "model/net/port.hpp"

namespace netlimits {

// "40000". Nothing for what is no number from 0 to 65535.
std::optional<Port> script_port(std::string_view text);

// Does a port meet "40000", "40000-40009", "even", "odd", "nonzero", "in-range" or "!40000"? Nothing when the
// expectation is none of these.
std::optional<bool> port_meets(std::string_view expectation, Port port, PortRange automatic_range);

// Does `name` fit a pattern of literal characters, '*' (any text) and '?' (any one character)?
bool name_fits(std::string_view pattern, std::string_view name);

}  // namespace netlimits
