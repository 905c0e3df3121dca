// The kernel of this machine: its release, and which rules of the model it follows.
#pragma once

#include <optional>
#include <string>

#include "model/systems/kernel_version.hpp"
#include "model/systems/os_profile.hpp"

namespace netlimits::live {

std::string kernel_release();  // uname -r

// Linux' rules by version (facts: the commits named in model/systems/os_profile.hpp).
Rules linux_rules(KernelVersion version);

// Why a host with this profile cannot be shown on this kernel; nothing when it can.
std::optional<std::string> why_not_this_kernel(const OsProfile& profile, const Settings& settings);

}  // namespace netlimits::live
