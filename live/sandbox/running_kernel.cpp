// uname(2), and what no version of Linux can show.
#include "live/sandbox/running_kernel.hpp"

#include <sys/utsname.h>

#include "model/systems/os_profile.hpp"

namespace netlimits::live {

std::string kernel_release() {
  utsname names{};
  return ::uname(&names) == 0 ? std::string(names.release) : std::string();
}

std::optional<std::string> why_not_on_linux(const OsProfile& profile, const Settings& settings) {
  if (profile.system != "linux") return "the profile " + profile.name + " is another system's; this kernel is Linux";
  if (settings.time_wait != std::chrono::seconds(60)) return "TIME_WAIT of Linux is 60 s and cannot be set";
  return std::nullopt;
}

}  // namespace netlimits::live
