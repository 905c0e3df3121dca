// The version of a Linux kernel, from its release ("6.18.44-amd64") or a profile's name ("linux-6.18").
#pragma once

#include <compare>
#include <optional>
#include <string_view>

namespace netlimits {

struct KernelVersion {
  unsigned major = 0;
  unsigned minor = 0;
  auto operator<=>(const KernelVersion&) const = default;
};

// The first two numbers of a release; what follows them does not matter. Nothing for any other text.
std::optional<KernelVersion> kernel_version(std::string_view release);

}  // namespace netlimits
