// What an answer about a scenario rests on (model/scenario/basis.hpp), worked out when it is read.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/scenario/scenario.hpp"
#include "model/systems/os_profile.hpp"
#include "scenarios/json/json_document.hpp"

namespace netlimits::scenarios {

// SHA-256 of everything that the profile says: figures with their sources, rules in force, settings that it lacks. Its
// basis is in it and no more named: two files that come to the same are the same.
std::string content_sha256(const OsProfile& profile);

// `text`: the file's bytes. `document`: what it says once the overrides are applied. `scenario`: read from it. Cost:
// the length of the text.
Basis basis_of(std::string_view text, const JsonDocument& document, std::vector<std::string> overrides,
               const Scenario& scenario);

}  // namespace netlimits::scenarios
