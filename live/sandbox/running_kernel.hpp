// The kernel of this machine: its release, and whether it is of the right system. Which rules a version has is nothing
// that it tells: who compares predicts with the profile that fits the release.
#pragma once

#include <optional>
#include <string>

namespace netlimits {
struct OsProfile;
struct Settings;
}  // namespace netlimits

namespace netlimits::live {

std::string kernel_release();  // uname -r

// Why a host with this profile cannot be shown on any kernel of Linux; nothing when it can.
std::optional<std::string> why_not_on_linux(const OsProfile& profile, const Settings& settings);

}  // namespace netlimits::live
