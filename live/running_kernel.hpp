// The kernel of this machine: its release, and which rules of the model it follows.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/os_profile.hpp"

namespace netlimits::live {

struct KernelVersion {
  unsigned major = 0;
  unsigned minor = 0;
  auto operator<=>(const KernelVersion&) const = default;
};

std::string kernel_release();  // uname -r
std::optional<KernelVersion> kernel_version(std::string_view release);

// Linux' rules by version (facts: the commits named in model/os_profile.hpp).
Rules linux_rules(KernelVersion version);

// Why a host with this profile cannot be shown on this kernel; nothing when it can.
std::optional<std::string> why_not_this_kernel(const OsProfile& profile, const Settings& settings);

}  // namespace netlimits::live
