// The kernel of this machine: its release, and which rules of the model it follows.
#pragma once

#include <optional>
#include <string>

namespace netlimits {
struct OsProfile;
struct Settings;
}  // namespace netlimits

namespace netlimits::live {

std::string kernel_release();  // uname -r

// Why a host with this profile cannot be shown on this kernel; nothing when it can.
std::optional<std::string> why_not_this_kernel(const OsProfile& profile, const Settings& settings);

}  // namespace netlimits::live
