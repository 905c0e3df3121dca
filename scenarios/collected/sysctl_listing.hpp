// `sysctl -a`: one "name = value" a line.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "model/machine/collected.hpp"
#include "scenarios/collected/text_lines.hpp"
#include "scenarios/json/input_error.hpp"

namespace netlimits::scenarios {

struct SysctlValue {
  std::string value{};  // words with one blank between them
  TextWord at{};        // where it stands; refers to the text
};

struct SysctlListing {
  std::map<std::string, SysctlValue, std::less<>> values{};
  std::vector<std::string> unreadable{};  // names that the tool said it could not read
};

// Of a key that is there several times the last value counts, as it does where such a text is written back. What the
// tool itself complains about ("sysctl: permission denied on key ...", "error: ... reading key ...") is no error of the
// text.
Loaded<SysctlListing> read_sysctl_listing(const CollectedText& text);

}  // namespace netlimits::scenarios
