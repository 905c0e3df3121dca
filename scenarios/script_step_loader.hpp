// Reads the steps of a socket script.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/script/script.hpp"
#include "scenarios/json/json_reader.hpp"

namespace netlimits::scenarios {

// `script` has its hosts already: steps may name only those.
std::vector<Step> load_steps(const Field& field, const Script& script);

// Whose setting names an `os` of a script understands ("linux" for "linux-5.4"); empty when unknown.
std::string setting_system(std::string_view os);
// Complains about a name that this system does not have.
void check_sysctl_name(const Field& field, std::string_view name, std::string_view os);
// A value of a sysctl as one would write it: a string, or a number for convenience.
std::optional<std::string> sysctl_text(const Field& field);

}  // namespace netlimits::scenarios
