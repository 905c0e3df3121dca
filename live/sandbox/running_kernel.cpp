// uname(2), and the comparison of a profile with the rules that this version of Linux follows.
#include "live/sandbox/running_kernel.hpp"

#include <sys/utsname.h>

#include "model/systems/kernel_version.hpp"
#include "model/systems/os_profile.hpp"
#include "model/systems/rule_book.hpp"

namespace netlimits::live {

std::string kernel_release() {
  utsname names{};
  return ::uname(&names) == 0 ? std::string(names.release) : std::string();
}

std::optional<std::string> why_not_this_kernel(const OsProfile& profile, const Settings& settings) {
  if (profile.system != "linux") return "the profile " + profile.name + " is another system's; this kernel is Linux";
  const std::string release = kernel_release();
  const auto version = kernel_version(release);
  if (!version) return "the running kernel's release \"" + release + "\" names no version";
  Rules running;
  running.in_force = rules_of(Systems::linux_only, *version);
  if (profile.rules != running)
    return "the profile " + profile.name + " has other rules than the running kernel " + release;
  if (settings.time_wait != std::chrono::seconds(60)) return "TIME_WAIT of Linux is 60 s and cannot be set";
  return std::nullopt;
}

}  // namespace netlimits::live
