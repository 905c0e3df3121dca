// The release that the machine tells, and the profile that fits it.
#include "cli/running_kernel.hpp"

#include <fmt/format.h>

#include <utility>

#include "live/sandbox/running_kernel.hpp"
#include "scenarios/collected/kernel_profile.hpp"

namespace netlimits::cli {

std::string RunningKernel::text() const {
  std::string words = fmt::format("Linux {}: predicted with the profile {}", release, profile->name);
  if (!note.empty()) words += fmt::format(" ({})", note);
  return words;
}

std::shared_ptr<const OsProfile> RunningKernel::in_place_of(std::string_view os,
                                                            const scenarios::ProfileSet& profiles) const {
  auto named = profiles.find(os);
  return named && named->system == "linux" ? profile : named;
}

RunningKernel running_kernel(const scenarios::ProfileSet& profiles) {
  RunningKernel kernel;
  kernel.release = live::kernel_release();
  auto chosen = scenarios::profile_of_kernel(profiles, kernel.release);
  kernel.profile = std::move(chosen.profile);
  kernel.note = std::move(chosen.note);
  return kernel;
}

}  // namespace netlimits::cli
