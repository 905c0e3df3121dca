// The nearest version among the names of the profiles.
#include "scenarios/collected/kernel_profile.hpp"

#include <fmt/format.h>

#include "model/systems/kernel_version.hpp"

namespace netlimits::scenarios {

KernelProfile profile_of_kernel(const ProfileSet& profiles, std::string_view release) {
  const auto wanted = kernel_version(release);
  const std::string oldest = profiles.oldest_of_linux();
  if (!wanted || oldest.empty()) {
    return {profiles.find("linux"),
            release.empty()
                ? "the kernel's release is not known: the profile linux stands for it"
                : fmt::format("the release {} names no version: the profile linux stands for it", in_quotes(release))};
  }
  const std::string name = profiles.of_version_or_older(*wanted);
  if (name.empty()) {
    return {profiles.find(oldest),
            fmt::format("no profile is as old as Linux {}.{}: {} is the oldest", wanted->major, wanted->minor, oldest)};
  }
  if (name == fmt::format("linux-{}.{}", wanted->major, wanted->minor)) return {profiles.find(name), ""};
  return {profiles.find(name),
          fmt::format("no profile is of Linux {}.{}: {} is the nearest older one", wanted->major, wanted->minor, name)};
}

}  // namespace netlimits::scenarios
