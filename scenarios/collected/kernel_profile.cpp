// The nearest version among the names of the profiles.
#include "scenarios/collected/kernel_profile.hpp"

#include <map>

#include <fmt/format.h>

#include "model/systems/kernel_version.hpp"

namespace netlimits::scenarios {
namespace {

constexpr std::string_view prefix = "linux-";

}  // namespace

KernelProfile profile_of_kernel(const ProfileSet& profiles, std::string_view release) {
  std::map<KernelVersion, std::string> versions;
  for (const std::string& name : profiles.names()) {
    if (!name.starts_with(prefix)) continue;
    if (const auto version = kernel_version(std::string_view(name).substr(prefix.size()))) versions[*version] = name;
  }
  const auto wanted = kernel_version(release);
  if (!wanted || versions.empty()) {
    return {profiles.find("linux"),
            release.empty()
                ? "the kernel's release is not known: the profile linux stands for it"
                : fmt::format("the release {} names no version: the profile linux stands for it", in_quotes(release))};
  }
  const auto newer = versions.upper_bound(*wanted);
  if (newer == versions.begin()) {
    return {profiles.find(newer->second), fmt::format("no profile is as old as Linux {}.{}: {} is the oldest",
                                                      wanted->major, wanted->minor, newer->second)};
  }
  const auto& [version, name] = *std::prev(newer);
  if (version == *wanted) return {profiles.find(name), ""};
  return {profiles.find(name),
          fmt::format("no profile is of Linux {}.{}: {} is the nearest older one", wanted->major, wanted->minor, name)};
}

}  // namespace netlimits::scenarios
