// Which profile fits a kernel that was found.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "scenarios/profiles.hpp"

namespace netlimits::scenarios {

struct KernelProfile {
  std::shared_ptr<const OsProfile> profile{};
  std::string note{};  // empty: the profile is of this very version
};

// The profile "linux-MAJOR.MINOR" of the release, or else the nearest older one, or else the oldest there is; "linux"
// for a release that names no version. The note says what was chosen and why, for a reader.
KernelProfile profile_of_kernel(const ProfileSet& profiles, std::string_view release);

}  // namespace netlimits::scenarios
