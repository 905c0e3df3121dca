// The kernel of this machine, for the commands that compare the model with it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "model/systems/os_profile.hpp"
#include "report/kernel_basis.hpp"
#include "scenarios/profiles.hpp"

namespace netlimits::cli {

struct RunningKernel {
  std::string release{};  // "6.12.111+deb12-cloud-amd64"
  std::shared_ptr<const OsProfile> profile{};
  std::string note{};  // why this profile, when it is not of this very version

  // "Linux 6.12.111: predicted with the profile linux-6.12"
  std::string text() const;
  report::KernelBasis basis() const { return {profile->name, profile->title, release}; }
  // The profile that stands for a system in a comparison with this kernel: its own for each of Linux, others by name.
  std::shared_ptr<const OsProfile> in_place_of(std::string_view os, const scenarios::ProfileSet& profiles) const;
};

RunningKernel running_kernel(const scenarios::ProfileSet& profiles);

}  // namespace netlimits::cli
