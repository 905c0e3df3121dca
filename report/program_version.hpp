// The version that results carry.
#pragma once

#include <string_view>

namespace netlimits::report {

std::string_view program_version();  // "0.1.0"

}  // namespace netlimits::report
